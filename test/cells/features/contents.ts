import { expect } from 'vitest';
import { PROMPTS } from '../policy.ts';
import { entries, type Feature } from './feature.ts';

/** Beside what the server has stands Tollgate's own. */
const isOfServer = (uri: unknown): boolean => !String(uri).startsWith('tollgate:');

const APP = 'text/html;profile=mcp-app';

export const contentFeatures: readonly Feature[] = [
  {
    name: 'resources: list, all pages of it',
    check: async (cell) => {
      const resources = await entries(cell, 'resources');
      expect(resources.map(({ uri }) => uri).filter(isOfServer)).toEqual([
        'cells://note/greeting',
        'cells://note/picture',
        'cells://watched/one',
        'cells://watched/two',
        'cells://asks',
        'ui://cells/board.html',
      ]);
      expect(resources[0]).toMatchObject({ name: 'greeting', title: 'A greeting', mimeType: 'text/plain' });
    },
  },
  {
    name: 'resources: read text',
    check: async ({ client }) => {
      const { contents } = await client.read('cells://note/greeting');
      expect(contents).toEqual([{ uri: 'cells://note/greeting', mimeType: 'text/plain', text: 'Hello.' }]);
    },
  },
  {
    name: 'resources: read a blob',
    check: async ({ client }) => {
      const { contents } = await client.read('cells://note/picture');
      expect(contents).toEqual([{ uri: 'cells://note/picture', mimeType: 'image/png', blob: 'iVBORw==' }]);
    },
  },
  {
    name: 'resources: one that is not there, in the code of the era',
    check: async ({ client, asks }) => {
      const code = asks.era === 'legacy' ? -32002 : -32602;
      for (const uri of ['cells://none', 'secret://none']) {
        await expect(client.read(uri)).rejects.toMatchObject({
          code,
          message: expect.stringMatching(/Resource not found$/),
        });
      }
    },
  },
  {
    name: 'resource templates: list, and read what they make',
    check: async (cell) => {
      const templates = await entries(cell, 'resourceTemplates');
      expect(templates.map(({ uriTemplate }) => uriTemplate).filter(isOfServer)).toEqual([
        'cells://person/{name}',
        'cells://place/{country}/{city}',
      ]);
      expect(await cell.client.read('cells://person/ada')).toMatchObject({ contents: [{ text: 'This is ada.' }] });
    },
  },
  {
    name: 'prompts: list, all pages of it',
    check: async (cell) => {
      const prompts = await entries(cell, 'prompts');
      expect(prompts.map(({ name }) => name)).toEqual(PROMPTS.map((name) => cell.named(name)));
      expect(prompts[0]).toMatchObject({
        description: expect.stringContaining('Writes a greeting.'),
        arguments: [{ name: 'name', description: 'Whom.', required: true }, { name: 'tone' }],
      });
    },
  },
  {
    name: 'prompts: get, with arguments',
    check: async ({ client, named }) => {
      expect(await client.prompt(named('greet'), { name: 'Ada', tone: 'warm' })).toMatchObject({
        messages: [{ role: 'user', content: { type: 'text', text: 'Greet Ada in a warm tone.' } }],
      });
      await expect(client.prompt(named('none'), {})).rejects.toMatchObject({ code: -32602 });
    },
  },
  {
    name: 'completion: of an argument of a prompt',
    check: async ({ client, named }) => {
      const { completion } = await client.complete({
        ref: { type: 'ref/prompt', name: named('greet') },
        argument: { name: 'name', value: 'a' },
      });
      expect(completion).toEqual({ values: ['ada', 'alan'], total: 2, hasMore: false });
    },
  },
  {
    name: 'completion: of a variable of a template, with what is known already',
    check: async ({ client }) => {
      const { completion } = await client.complete({
        ref: { type: 'ref/resource', uri: 'cells://place/{country}/{city}' },
        argument: { name: 'city', value: 'r' },
        context: { arguments: { country: 'italy' } },
      });
      expect(completion).toMatchObject({ values: ['rome', 'ravenna'] });
    },
  },
  {
    name: 'MCP Apps: the page of a tool, and what the client can show',
    check: async (cell) => {
      const { client, named } = cell;
      const board = (await entries(cell, 'tools')).find(({ name }) => name === named('board'));
      expect(board).toMatchObject({ _meta: { ui: { resourceUri: 'ui://cells/board.html' } } });
      expect(await client.read('ui://cells/board.html')).toMatchObject({
        contents: [{ mimeType: APP, text: '<h1>Board</h1>', _meta: { ui: { prefersBorder: true } } }],
      });
      expect(await client.call(named('board'), {})).toMatchObject({
        content: [{ text: JSON.stringify({ shown: { mimeTypes: [APP] } }) }],
      });
    },
  },
];
