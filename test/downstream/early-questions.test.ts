import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Answer, Question } from '../../src/domain/exchange.ts';
import { EarlyQuestions } from '../../src/downstream/links/early-questions.ts';
import { MOST_QUESTIONS } from '../../src/downstream/links/questions.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ROOTS: Question = { method: 'roots/list', params: {}, key: undefined };
const ANSWER: Answer = { ok: true, result: { roots: [] } };

const teller = () => {
  const told: Answer[] = [];
  return { told, tell: async (answer: Answer) => void told.push(answer) };
};

test('the first call puts what was asked before it, and goes on when the server has the answers', async () => {
  const early = new EarlyQuestions();
  const { told, tell } = teller();
  expect([early.keep(ROOTS, tell), early.keep(ROOTS, tell)]).toEqual([true, true]);
  const asked: Question[] = [];
  await early.put(async (question) => {
    asked.push(question);
    return ANSWER;
  });
  expect([asked, told]).toEqual([
    [ROOTS, ROOTS],
    [ANSWER, ANSWER],
  ]);
});

test('a call that nothing was asked before waits for nothing', () => {
  expect(new EarlyQuestions().put(async () => ANSWER)).toBeUndefined();
});

test('nothing is kept for a second call', async () => {
  const early = new EarlyQuestions();
  await early.put(async () => ANSWER);
  expect(early.keep(ROOTS, teller().tell)).toBe(false);
});

test('a server that asks on and on is refused', () => {
  const early = new EarlyQuestions();
  const kept = Array.from({ length: MOST_QUESTIONS + 1 }, () => early.keep(ROOTS, teller().tell));
  expect(kept.lastIndexOf(true)).toBe(MOST_QUESTIONS - 1);
});

test('a server is told that nobody can be asked when no call comes, and once only', async () => {
  const early = new EarlyQuestions();
  const { told, tell } = teller();
  early.keep(ROOTS, tell);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([expect.objectContaining({ ok: false, code: -32601 })]);
  await early.put(async () => ANSWER);
  expect(told).toHaveLength(1);
});
