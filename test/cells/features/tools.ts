import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { TOOLS } from '../servers/tools.ts';
import { contentOf, entries, type Feature, mark, said, textOf } from './feature.ts';

const LINK = expect.objectContaining({ type: 'resource_link', uri: 'cells://note/greeting', name: 'greeting' });

export const toolFeatures: readonly Feature[] = [
  {
    name: 'tools: list, all pages of it',
    check: async (cell) => {
      const tools = await entries(cell, 'tools');
      expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(({ name }) => cell.named(name)));
      const [echo] = TOOLS;
      expect(tools[0]).toMatchObject({
        description: expect.stringContaining(String(echo?.description)),
        inputSchema: echo?.inputSchema,
        outputSchema: echo?.outputSchema,
      });
    },
  },
  {
    name: 'tools: call',
    check: async (cell) => {
      const text = `${mark()} "\u00e9\u2028`;
      const result = await cell.client.call(cell.named('echo'), { text });
      expect(textOf(result)).toBe(text);
      expect(result['isError'] ?? false).toBe(false);
      const calls = cell.seen('call').filter((call) => isDeepStrictEqual(call, { name: 'echo', arguments: { text } }));
      expect(calls).toHaveLength(1);
    },
  },
  {
    name: 'tools: structured content',
    check: async (cell) => {
      const result = await cell.client.call(cell.named('echo'), { text: 'four' });
      expect(result['structuredContent']).toEqual({ text: 'four', length: 4 });
    },
  },
  {
    name: 'tools: links to resources, pictures and sound',
    check: async (cell) => {
      expect(contentOf(await cell.client.call(cell.named('echo'), { text: 'a' }))).toContainEqual(LINK);
      expect(contentOf(await cell.client.call(cell.named('sing'), {}))).toEqual([
        { type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' },
        { type: 'image', data: 'iVBORw==', mimeType: 'image/png' },
      ]);
    },
  },
  {
    name: 'tools: an error as a result',
    check: async (cell) => {
      const result = await cell.client.call(cell.named('fail'), {});
      expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text: 'no such thing' }] });
    },
  },
  {
    name: 'tools: an unknown one is an error of the protocol',
    check: async (cell) => {
      await expect(cell.client.call(cell.named('nothing'), {})).rejects.toMatchObject({ code: -32602 });
    },
  },
  {
    name: 'tools: an argument goes along as a header (`x-mcp-header`)',
    only: { server: 'modern', because: 'Servers before 2026-07-28 know no such header.' },
    check: async (cell) => {
      const region = 'Z\u00fcrich, west';
      expect(said(await cell.client.call(cell.named('region'), { region }))).toEqual({
        argument: region,
        header: cell.answers.over === 'stdio' ? null : `=?base64?${Buffer.from(region).toString('base64')}?=`,
      });
      expect(said(await cell.client.call(cell.named('region'), { region: 'eu' }))).toEqual({
        argument: 'eu',
        header: cell.answers.over === 'stdio' ? null : 'eu',
      });
    },
  },
];
