import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.ts';
import type { Operation } from '../../src/domain/operation.ts';
import { readReply } from '../../src/downstream/read-result.ts';

const read = (
  result: JsonValue | undefined,
  era: 'modern' | 'legacy' = 'modern',
  operation: Operation = 'tools/call',
) => readReply({ kind: 'result', result }, operation, era);

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
    [
      'an input request that is no question',
      { resultType: 'input_required', inputRequests: { k: { method: 'ping' } } },
    ],
    [
      'an input request without parameters that can be read',
      { resultType: 'input_required', inputRequests: { k: { method: 'roots/list', params: [] } } },
    ],
    [
      'more input requests than are put at once',
      {
        resultType: 'input_required',
        inputRequests: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [at, { method: 'roots/list' }])),
      },
    ],
    ['nothing', undefined],
  ])('is withheld when it is %s', (_case, result) => {
    expect(read(result)).toMatchObject({ outcome: 'withheld' });
  });

  it('is withheld when a legacy server asks in the modern way, or structures what is no object', () => {
    expect(read({ resultType: 'input_required', requestState: 's' }, 'legacy')).toMatchObject({ outcome: 'withheld' });
    expect(read({ content: [], structuredContent: 5 }, 'legacy')).toMatchObject({ outcome: 'withheld' });
  });

  it.each<[Operation, JsonValue]>([
    ['prompts/get', { messages: [{ role: 'user', content: { type: 'text', text: 'x' } }] }],
    ['prompts/get', { description: 'd', messages: [] }],
    [
      'resources/read',
      {
        contents: [
          { uri: 'a:b', text: '' },
          { uri: 'a:c', blob: 'AA==', mimeType: 'x/y' },
        ],
      },
    ],
    ['completion/complete', { completion: { values: ['a', 'b'], total: 2, hasMore: false } }],
    ['completion/complete', { completion: { values: [] } }],
  ])('is handed on of %s: %j', (operation, result) => {
    expect(read(result, 'modern', operation)).toEqual({ outcome: 'ok', result });
    expect(read(result, 'legacy', operation)).toEqual({ outcome: 'ok', result });
  });

  it.each<[Operation, JsonValue]>([
    ['prompts/get', {}],
    ['prompts/get', { messages: {} }],
    ['prompts/get', { messages: ['text'] }],
    ['prompts/get', { messages: [{ content: { type: 'text', text: 'x' } }] }],
    ['prompts/get', { messages: [{ role: 'user', content: 'x' }] }],
    ['resources/read', {}],
    ['resources/read', { contents: { uri: 'a:b', text: 'x' } }],
    ['resources/read', { contents: [null] }],
    ['resources/read', { contents: [{ text: 'x' }] }],
    ['resources/read', { contents: [{ uri: 'a:b' }] }],
    ['resources/read', { contents: [{ uri: 'a:b', text: 1 }] }],
    ['completion/complete', {}],
    ['completion/complete', { completion: [] }],
    ['completion/complete', { completion: { values: 'a' } }],
    ['completion/complete', { completion: { values: ['a', 1] } }],
    ['completion/complete', { resultType: 'input_required', requestState: 's' }],
  ])('is withheld of %s when it is %j', (operation, result) => {
    expect(read(result, 'modern', operation)).toMatchObject({ outcome: 'withheld' });
  });

  it('is no tool error of anything but a tool', () => {
    const result = { messages: [], isError: true };
    expect(read(result, 'modern', 'prompts/get')).toEqual({ outcome: 'ok', result });
  });

  it('says for how long and for whom a resource may be kept to us alone', () => {
    const result = { resultType: 'complete', contents: [], ttlMs: 60_000, cacheScope: 'public' };
    expect(read(result, 'modern', 'resources/read')).toEqual({ outcome: 'ok', result: { contents: [] } });
  });

  it('never says of a withheld result what it held', () => {
    expect(JSON.stringify(read({ content: 'a secret' }))).not.toContain('secret');
  });
});
