import { expect, test } from 'vitest';
import { stepsOf, waterfall } from '../../src/console/timeline.ts';
import type { Entry, EntryKind } from '../../src/domain/journal.ts';
import type { JsonObject } from '../../src/domain/json.ts';

let seq = 0;
const entry = (at: number, kind: EntryKind, call: string | undefined, body: JsonObject = {}): Entry => {
  seq += 1;
  return { session: 's', seq, at, kind, call, body, prev: '', hash: '' };
};
const send = { target: 'outbox.send', effect: 'write' };

test('a call and all that became of it is one step, however others came in between', () => {
  const steps = stepsOf([
    entry(1, 'intent', 'a', send),
    entry(2, 'intent', 'b', { target: 'files.read', effect: 'read' }),
    entry(3, 'event', undefined, { type: 'note' }),
    entry(4, 'outcome', 'b', { outcome: 'tool_error' }),
    entry(9, 'outcome', 'a', { outcome: 'ok' }),
  ]);
  expect(steps.map(({ call, became, title, word, ran }) => [call, became, title, word, ran])).toEqual([
    ['a', 'done', 'outbox.send', 'ok', { from: 1, to: 9 }],
    ['b', 'failed', 'files.read', 'tool_error', { from: 2, to: 4 }],
    [undefined, 'note', 'the agent noted an event', undefined, undefined],
  ]);
});

test('what was held is told with its answer, and the call that ran on the grant names the hold', () => {
  const held = (call: string, hold: string) => [
    entry(1, 'held', call, { hold, state: 'open', ...send }),
    entry(2, 'refused', call, { reason: 'held', hold, ...send }),
  ];
  const steps = stepsOf([
    ...held('a', 'h1'),
    ...held('b', 'h2'),
    ...held('c', 'h3'),
    ...held('d', 'h4'),
    entry(3, 'decided', undefined, { hold: 'h1', verdict: 'approve', by: 'grace' }),
    entry(3, 'decided', undefined, { hold: 'h2', verdict: 'deny', by: 'grace' }),
    entry(4, 'held', undefined, { hold: 'h3', state: 'lapsed' }),
    entry(5, 'intent', 'e', { ...send, grant: { hold: 'h1' } }),
    entry(6, 'outcome', 'e', { outcome: 'ok' }),
    entry(7, 'decided', undefined, { hold: 'h0', verdict: 'deny', by: 'grace' }),
  ]);
  expect(steps.map(({ hold, became }) => [hold, became])).toEqual([
    ['h1', 'approved'],
    ['h2', 'denied'],
    ['h3', 'lapsed'],
    ['h4', 'held'],
    ['h1', 'done'],
    ['h0', 'note'],
  ]);
});

test.each([
  ['denied', 'refused'],
  ['over_budget', 'refused'],
  ['repeated', 'recorded'],
] as const)('a call that was answered with %s is %s', (reason, became) => {
  expect(stepsOf([entry(1, 'refused', 'a', { target: 'x.y', reason })])).toMatchObject([{ became, word: reason }]);
});

test.each(['withheld', 'not_sent', 'unknown'])('an outcome %s is no success', (outcome) => {
  const steps = stepsOf([entry(1, 'intent', 'a', send), entry(2, 'outcome', 'a', { outcome })]);
  expect(steps).toMatchObject([{ became: 'withheld', word: outcome }]);
});

test('what is not over is under way, and has no length', () => {
  expect(stepsOf([entry(1, 'intent', 'a', send)])).toMatchObject([{ became: 'under way', ran: undefined }]);
});

test('bars are in the order of time, on one line, and each can be seen', () => {
  const steps = stepsOf([
    entry(0, 'intent', 'a', send),
    entry(8, 'outcome', 'a', { outcome: 'ok' }),
    entry(3_600_000, 'intent', 'b', send),
    entry(3_600_900, 'outcome', 'b', { outcome: 'ok' }),
  ]);
  const [first, second] = waterfall(steps);
  expect(first).toMatchObject({ from: 0 });
  expect((second?.from ?? 0) + (second?.length ?? 0)).toBeLessThanOrEqual(1000);
  expect(second?.from).toBeGreaterThan((first?.from ?? 0) + (first?.length ?? 0));
  expect(second?.length).toBeGreaterThan(first?.length ?? 0);
  expect(waterfall(steps.slice(0, 0))).toEqual([]);
  expect(waterfall(stepsOf([entry(5, 'opened', undefined)]))).toEqual([{ from: 0, length: 6 }]);
});
