import { describe, expect, test } from 'vitest';
import type { Left } from '../../src/domain/call.ts';
import { leftMarks, leftSentence, withLeft } from '../../src/wire/left.ts';

const standing = (kind: string, used: number, cap: number) => ({
  kind,
  used,
  cap,
  extended: 0,
  left: Math.max(0, cap - used),
});
const leftOf = (inWords: boolean, ...standings: Left['standings']): Left => ({ standings, currency: 'EUR', inWords });
const content = [{ type: 'text', text: 'ok' }];

describe('what is left', () => {
  test('is said of each kind in the units of people', () => {
    const left = leftOf(
      true,
      standing('calls', 3, 10),
      standing('runtime', 1_500, 60_000),
      standing('spend', 1, 2_000_001),
    );
    expect(leftMarks(left)).toEqual({ 'tollgate/left': { calls: 7, runtime: 58, spend: 2 } });
    expect(leftMarks(undefined)).toEqual({});
  });

  test.each([
    [standing('calls', 188, 200), 'Tollgate: 12 of 200 calls left.'],
    [standing('browser_minutes', 20, 20), 'Tollgate: 0 of 20 browser minutes left.'],
    [standing('runtime', 1_790_000, 1_800_000), 'Tollgate: 10 of 1800 seconds of runtime left.'],
    [standing('spend', 4_900_000, 5_000_000), 'Tollgate: 0.10 of 5.00 EUR left.'],
    [standing('calls', 179, 200), undefined],
    [standing('retries', 0, 0), undefined],
  ])('of %j is said in words: %s', (one, words) => {
    expect(leftSentence(leftOf(true, one))).toBe(words);
  });

  test('stands after the result, whose structure and words are as they were', () => {
    const left = leftOf(true, standing('calls', 10, 10));
    const words = { type: 'text', text: 'Tollgate: 0 of 10 calls left.' };
    const given = { content, structuredContent: { a: 1 }, _meta: { 'own/key': 1 } };
    expect(withLeft(given, left, 'tools/call')).toEqual({
      content: [...content, words],
      structuredContent: { a: 1 },
      _meta: { 'own/key': 1, 'tollgate/left': { calls: 0 } },
    });
    const bare = withLeft({ content: [], structuredContent: { a: 1 } }, left, 'tools/call');
    expect(bare['content']).toEqual([{ type: 'text', text: '{"a":1}' }, words]);
  });

  test('is said for programs alone where an output schema is shown, and of what is no tool', () => {
    const used = standing('calls', 10, 10);
    const structured = { content, structuredContent: { a: 1 } };
    expect(withLeft(structured, leftOf(false, used), 'tools/call')['content']).toEqual(content);
    const messages = [{ role: 'user', content: { type: 'text', text: 'hi' } }];
    expect(withLeft({ messages }, leftOf(true, used), 'prompts/get')).toEqual({
      messages,
      _meta: { 'tollgate/left': { calls: 0 } },
    });
  });
});
