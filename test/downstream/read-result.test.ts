import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.ts';
import { readReply } from '../../src/downstream/read-result.ts';

const read = (result: JsonValue | undefined, era: 'modern' | 'legacy' = 'modern') =>
  readReply({ kind: 'result', result }, era);

describe('what came back of a call', () => {
  it('is handed on without what belongs to the hop', () => {
    const result = {
      resultType: 'complete',
      content: [{ type: 'text', text: 'x' }],
      structuredContent: 5,
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 's' }, own: 1 },
    };
    expect(read(result)).toEqual({
      outcome: 'ok',
      result: { content: [{ type: 'text', text: 'x' }], structuredContent: 5, _meta: { own: 1 } },
    });
    const bare = { content: [], isError: true, _meta: { 'io.modelcontextprotocol/serverInfo': {} } };
    expect(read(bare)).toEqual({ outcome: 'tool_error', result: { content: [], isError: true } });
  });

  it.each<[string, JsonValue | undefined]>([
    ['no object', 'text'],
    ['no list of content', { content: 'text' }],
    ['no content at all', {}],
    ['content that is no object', { content: ['text'] }],
    ['content without a type', { content: [{ text: 'x' }] }],
    ['an isError that is no truth value', { content: [], isError: 'no' }],
    ['an unknown result type', { content: [], resultType: 'task' }],
    ['a request for input that names none', { resultType: 'input_required' }],
    ['a request state that is no text', { resultType: 'input_required', requestState: 1 }],
    ['input requests that are no object', { resultType: 'input_required', inputRequests: [] }],
    ['nothing', undefined],
  ])('is withheld when it is %s', (_case, result) => {
    expect(read(result)).toMatchObject({ outcome: 'withheld' });
  });

  it('is withheld when a legacy server asks in the modern way, or structures what is no object', () => {
    expect(read({ resultType: 'input_required', requestState: 's' }, 'legacy')).toMatchObject({ outcome: 'withheld' });
    expect(read({ content: [], structuredContent: 5 }, 'legacy')).toMatchObject({ outcome: 'withheld' });
  });

  it('never says of a withheld result what it held', () => {
    expect(JSON.stringify(read({ content: 'a secret' }))).not.toContain('secret');
  });
});
