import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/domain/json.ts';
import type { OutputPromise } from '../../../src/domain/policy.ts';
import { brokenPromise } from '../../../src/policy/output/promises.ts';
import { definitionOf } from '../policy-text.ts';

const schema = { type: 'object', properties: { status: { enum: ['sent'] } }, required: ['status'] };
const says = (...texts: readonly string[]): JsonObject => ({
  content: [{ type: 'image', data: '' }, ...texts.map((text) => ({ type: 'text', text }))],
});
const structured = (structuredContent: JsonValue): JsonObject => ({ content: [], structuredContent });
const policy = (from: OutputPromise['from']) => (result: JsonObject) =>
  brokenPromise(result, undefined, { schema, from });

test('a server keeps its own promise, in words that repeat nothing', () => {
  const definition = definitionOf({}, { outputSchema: schema });
  expect(brokenPromise(structured({ status: 'sent' }), definition, undefined)).toBeUndefined();
  const broken = brokenPromise(structured({ status: 'a canary' }), definition, undefined);
  expect(broken).toBe("breaks the tool's own output schema (1 problem)");
});

test('a policy that says what structured content is like is kept to', () => {
  const judged = policy('structured');
  expect(judged(structured({ status: 'sent', more: 1 }))).toBeUndefined();
  expect(judged(structured({ status: 'a canary' }))).toBe('breaks the output schema of the policy (1 problem)');
  expect(judged(says('{"status":"sent"}'))).toBe('has no structured content, which the policy wants');
});

test('a policy that says what JSON a text holds is kept to', () => {
  const judged = policy('json_text');
  expect(judged(says(' {"status":"sent"}\n'))).toBeUndefined();
  expect(judged(says('{"status":"a canary"}'))).toBe('breaks the output schema of the policy (1 problem)');
  const none = 'is not one text in JSON, which the policy wants';
  for (const result of [
    says(),
    says('sent'),
    says('{"status":"sent"}', 'and more'),
    says(`{"status":"sent","a":${'['.repeat(64)}${']'.repeat(64)}}`),
    structured({ status: 'sent' }),
  ])
    expect(judged(result)).toBe(none);
});

test('both promises are kept where there are two', () => {
  const definition = definitionOf({}, { outputSchema: { type: 'object', required: ['id'] } });
  const both = (result: JsonObject) => brokenPromise(result, definition, { schema, from: 'structured' });
  expect(both(structured({ status: 'sent', id: 1 }))).toBeUndefined();
  expect(both(structured({ status: 'sent' }))).toContain("tool's own");
  expect(both(structured({ id: 1 }))).toContain('of the policy');
});

test('a text that is no text is none, and what is no block is none', () => {
  const number = (result: JsonObject) =>
    brokenPromise(result, undefined, { schema: { type: 'number' }, from: 'json_text' });
  expect(number({ content: [null, 'x', { type: 'text', text: '7' }] })).toBeUndefined();
  for (const content of [[{ type: 'text', text: 7 }], [null], 'x', {}, undefined])
    expect(number({ content })).toBe('is not one text in JSON, which the policy wants');
});

test('it is told how many promises are broken', () => {
  const both = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } };
  expect(brokenPromise(structured({ a: 'x', b: 'x' }), undefined, { schema: both, from: 'structured' })).toBe(
    'breaks the output schema of the policy (2 problems)',
  );
});
