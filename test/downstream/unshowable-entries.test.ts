/** Clients of the official SDKs refuse a whole list for one entry of the wrong type: a server could hide all others' tools. */
import { describe, expect, it } from 'vitest';
import { open, served } from '../support/catalog.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const ODD: readonly object[] = [
  { title: 7 },
  { description: ['x'] },
  { icons: 'x' },
  { icons: [{}] },
  { annotations: 9 },
  { annotations: null },
  { _meta: 'x' },
  { execution: [] },
];

async function serving(what: 'tools' | 'prompts' | 'resources', entries: readonly object[]) {
  const [tools, prompts, resources] = ['tools', 'prompts', 'resources'].map((one) => (one === what ? entries : []));
  const server = await serveRoughHttp({
    era: 'modern',
    tools: tools ?? [],
    lists: { 'prompts/list': { prompts }, 'resources/list': { resources } },
    offers: { capabilities: { tools: {}, prompts: {}, resources: {} } },
    onCall: () => undefined,
  });
  return open(served(server)).downstream;
}

const SCHEMA = { inputSchema: { type: 'object' } };
const namesIn = (listed: { ok: boolean; value?: readonly { name?: unknown }[] }): unknown =>
  listed.ok && listed.value?.map(({ name }) => name);

describe('an entry that no client could read is dropped, and its neighbours are there:', () => {
  it.each(ODD)('of tools, %j', async (odd) => {
    const entries = [
      { name: 'odd', ...SCHEMA, ...odd },
      { name: 'good', ...SCHEMA },
    ];
    expect(namesIn(await (await serving('tools', entries)).definitions('s', 'tool'))).toEqual(['good']);
  });

  it.each([{}, { type: 'string' }, { type: 'object', properties: [] }, { type: 'object', required: 5 }])(
    'a tool of the input schema %j',
    async (inputSchema) => {
      const entries = [
        { name: 'odd', inputSchema },
        { name: 'good', ...SCHEMA },
      ];
      expect(namesIn(await (await serving('tools', entries)).definitions('s', 'tool'))).toEqual(['good']);
    },
  );

  it.each([...ODD, { arguments: [{ name: 'a', description: 7 }] }])('of prompts, %j', async (odd) => {
    const entries = [{ name: 'odd', ...odd }, { name: 'good' }];
    expect(namesIn(await (await serving('prompts', entries)).definitions('s', 'prompt'))).toEqual(['good']);
  });

  it.each([...ODD, { mimeType: 5 }, { size: 'x' }])('of resources, %j', async (odd) => {
    const entries = [
      { uri: 'x://odd', name: 'odd', ...odd },
      { uri: 'x://good', name: 'good' },
    ];
    expect(namesIn(await (await serving('resources', entries)).resources('s', 'resources', undefined))).toEqual([
      'good',
    ]);
  });
});

it("a resource or template in Tollgate's own scheme is dropped, however it is spelt", async () => {
  const server = await serveRoughHttp({
    era: 'modern',
    tools: [],
    lists: {
      'resources/list': {
        resources: ['tollgate://session', 'TOLLGATE://session', 'x://good'].map((uri) => ({ uri, name: uri })),
      },
      'resources/templates/list': {
        resourceTemplates: ['tollgate://{x}', 'x://{good}'].map((uriTemplate) => ({ uriTemplate, name: uriTemplate })),
      },
    },
    offers: { capabilities: { resources: {} } },
    onCall: () => undefined,
  });
  const { downstream } = await open(served(server));
  expect(namesIn(await downstream.resources('s', 'resources', undefined))).toEqual(['x://good']);
  expect(namesIn(await downstream.resources('s', 'resourceTemplates', undefined))).toEqual(['x://{good}']);
});
