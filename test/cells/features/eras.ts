import { expect } from 'vitest';
import type { Cell } from '../cell.ts';
import type { Client, List } from '../clients/client.ts';
import { contentOf, type Feature, mark, said, textOf } from './feature.ts';

const LISTS: readonly List[] = ['tools', 'prompts', 'resources', 'resourceTemplates'];

/** A client of an earlier revision: it agrees on it, and what it is handed keeps to it. */
const revision = (version: string, check: (cell: Cell, client: Client) => Promise<void>): Feature => ({
  name: `revision ${version}`,
  only: { client: 'legacy', because: 'A modern client speaks 2026-07-28.' },
  check: async (cell) => {
    const client = await cell.another(version);
    expect(client.revision).toBe(version);
    await check(cell, client);
    await client.close();
  },
});

/** Before 2025-06-18 there are no structured results and no links. */
async function plainResults(cell: Cell, client: Client): Promise<void> {
  const echo = ((await client.page('tools'))['tools'] as unknown as Record<string, unknown>[])[0];
  expect(echo?.['name']).toBe(cell.named('echo'));
  expect(echo).not.toHaveProperty('outputSchema');
  const result = await client.call(cell.named('echo'), { text: 'plain' });
  expect(contentOf(result)).toEqual([
    { type: 'text', text: 'plain' },
    { type: 'text', text: 'greeting: cells://note/greeting' },
  ]);
  expect(result).not.toHaveProperty('structuredContent');
}

export const eraFeatures: readonly Feature[] = [
  {
    name: 'instructions of the server',
    check: async ({ client }) => {
      expect(client.instructions).toContain('Every feature has one tool.');
    },
  },
  {
    name: 'caching fields, private whatever the server says',
    only: { client: 'modern', because: 'Clients before 2026-07-28 know no caching fields.' },
    check: async ({ client }) => {
      const cached = { ttlMs: expect.any(Number), cacheScope: 'private' };
      for (const list of LISTS) expect(await client.page(list)).toMatchObject(cached);
      expect(await client.read('cells://note/greeting')).toMatchObject(cached);
    },
  },
  revision('2025-06-18', async (cell, client) => {
    const result = await client.call(cell.named('echo'), { text: 'four' });
    expect(result['structuredContent']).toEqual({ text: 'four', length: 4 });
    const answer = { action: 'accept', content: { answer: mark() } };
    client.person.answering(() => answer);
    expect(said(await client.call(cell.named('form'), { question: 'Is it so?' }))).toEqual({ only: answer });
  }),
  revision('2025-03-26', async (cell, client) => {
    await plainResults(cell, client);
    const [sound] = contentOf(await client.call(cell.named('sing'), {}));
    expect(sound).toMatchObject({ type: 'audio', mimeType: 'audio/wav' });
  }),
  revision('2024-11-05', async (cell, client) => {
    await plainResults(cell, client);
    const [sound, picture] = contentOf(await client.call(cell.named('sing'), {}));
    expect([sound?.type, picture?.type]).toEqual(['text', 'image']);
    expect(textOf(await client.call(cell.named('echo'), { text: 'b' }))).toMatch(/^b\n/);
  }),
];
