import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Operation } from '../../src/domain/operation.ts';
import { type Dress, dressed, dressedEntries } from '../../src/wire/dress.ts';

const dress = (revision: string): Dress => ({
  era: revision === '2026-07-28' ? 'modern' : 'legacy',
  revision,
  server: { name: 'tollgate', version: '1' },
  holdUrl: (hold) => hold,
  outcomeUrl: (call) => call,
});
const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'];
const tool = (result: JsonObject, revision: string) => dressed('tools/call', result, dress(revision));

const text = { type: 'text', text: 'hi' };
const link = { type: 'resource_link', name: 'notes', uri: 'file:///notes' };
const audio = { type: 'audio', data: 'AAAA', mimeType: 'audio/wav' };

describe('toward each revision, in the order', () => {
  /** What of the result is there, by revision. */
  const across = (result: JsonObject, see: (dressed: JsonObject) => unknown) =>
    REVISIONS.map((revision) => see(tool(result, revision)));

  test('structured content that is an object is there from 2025-06-18', () => {
    const result = { content: [text], structuredContent: { a: 1 } };
    expect(across(result, (one) => 'structuredContent' in one)).toEqual([false, false, true, true, true]);
    expect(across(result, (one) => one['content'])).toEqual(REVISIONS.map(() => [text]));
  });

  test('structured content of another kind is modern; before, it is text where nothing else says it', () => {
    expect(across({ content: [], structuredContent: [1] }, (one) => one['structuredContent'])).toEqual([
      ...REVISIONS.slice(1).map(() => undefined),
      [1],
    ]);
    expect(tool({ content: [], structuredContent: [1] }, '2025-11-25')).toEqual({
      content: [{ type: 'text', text: '[1]' }],
    });
    expect(tool({ content: [text], structuredContent: 0 }, '2025-11-25')).toEqual({ content: [text] });
    expect(tool({ content: [], structuredContent: { a: 1 } }, '2025-03-26')).toEqual({
      content: [{ type: 'text', text: '{"a":1}' }],
    });
  });

  test('links are blocks from 2025-06-18, and before that the name and the URI as text', () => {
    const plain = [{ type: 'text', text: 'notes: file:///notes' }];
    expect(across({ content: [link] }, (one) => one['content'])).toEqual([plain, plain, [link], [link], [link]]);
  });

  test('audio is a block from 2025-03-26, and before that a text that says so', () => {
    const said = [{ type: 'text', text: expect.stringContaining('audio/wav') }];
    expect(across({ content: [audio] }, (one) => one['content'])).toEqual([
      said,
      ...REVISIONS.slice(1).map(() => [audio]),
    ]);
  });
});

test('the messages of a prompt are held to the same', () => {
  const messages = [link, audio, text].map((content) => ({ role: 'user', content }));
  expect(dressed('prompts/get', { messages }, dress('2024-11-05'))['messages']).toEqual([
    { role: 'user', content: { type: 'text', text: 'notes: file:///notes' } },
    { role: 'user', content: { type: 'text', text: expect.stringContaining('Audio') } },
    { role: 'user', content: text },
  ]);
  expect(dressed('prompts/get', { messages }, dress('2025-11-25'))).toEqual({ messages });
});

test.each<[Operation]>([['tools/call'], ['prompts/get'], ['resources/read'], ['completion/complete']])(
  'no legacy client reads a modern word in the result of %s',
  (operation) => {
    const result = {
      resultType: 'complete',
      ttlMs: 5,
      cacheScope: 'public',
      content: [text],
      messages: [],
      contents: [],
    };
    const said = dressed(operation, result, dress('2025-11-25'));
    expect(Object.keys(said).filter((name) => ['resultType', 'ttlMs', 'cacheScope'].includes(name))).toEqual([]);
    expect(said).toMatchObject({ content: [text], messages: [], contents: [] });
  },
);

test('what a server lets everybody keep of a resource, nobody keeps: it depends on who asks', () => {
  const result = { contents: [], ttlMs: 60_000, cacheScope: 'public' };
  expect(dressed('resources/read', result, dress('2026-07-28'))).toMatchObject({ ttlMs: 0, cacheScope: 'private' });
});

test('an output schema goes to clients that know such a one', () => {
  const entry = { name: 'a', inputSchema: { type: 'object' } };
  const [object, list] = [
    { ...entry, outputSchema: { type: 'object' } },
    { ...entry, outputSchema: { type: 'array' } },
  ];
  const seen = (revision: string) => dressedEntries([object, list, entry], dress(revision));
  expect(seen('2026-07-28')).toEqual([object, list, entry]);
  expect(seen('2025-11-25')).toEqual([object, entry, entry]);
  expect(seen('2025-03-26')).toEqual([entry, entry, entry]);
});
