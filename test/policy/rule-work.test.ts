import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../../src/domain/json.ts';
import { PLAIN, toolOf } from './policy-text.ts';

const million = Array.from({ length: 1_000_000 }, (_, at) => at);
const judged = (rules: string, value: JsonValue) => toolOf(rules).judge({ a: value }, PLAIN).verdict;

describe('a value that takes too much work to judge', () => {
  const rule = '{ items: { not: { contains: { not: { uniqueItems: true } } } } }';

  it.each([
    ['a million items', '{ items: { minimum: 0 } }', million],
    ['a million lists', rule, million.map(() => [[1]])],
    [
      'items told apart by their text',
      '{ uniqueItems: true }',
      Array.from({ length: 200 }, (_, at) => `${at}`.padEnd(1e5)),
    ],
    ['one long text in many patterns', `{ allOf: [${Array(40).fill("{ pattern: 'x*' }")}] }`, 'x'.repeat(1_000_000)],
  ])('counts against the call, which way ever it asks: %s', (_, written, value) => {
    expect(judged(`{ arguments: { a: ${written} } }`, value)).toBe('deny');
    const cases = (then: string) =>
      `{ cases: [{ id: odd, when: { a: ${written} }, then: ${then} }, { id: all, when: { b: { const: 1 } }, then: hold }] }`;
    expect(judged(cases('deny'), value)).toBe('deny');
    expect(judged(cases('allow'), value)).toBe('allow');
    expect(toolOf(cases('allow')).judge({ a: value }, PLAIN)).toHaveProperty('needs.length', 1);
  });

  it('is forgotten by the next call', () => {
    const tool = toolOf('{ arguments: { a: { items: { minimum: 0 } } } }');
    expect([million, [1], million, [2]].map((a) => tool.judge({ a }, PLAIN).verdict)).toEqual([
      ...['deny', 'allow', 'deny', 'allow'],
    ]);
  });

  it('is not one of a hundred thousand items', () => {
    expect(judged('{ arguments: { a: { items: { minimum: 0 } } } }', million.slice(0, 100_000))).toBe('allow');
  });
});
