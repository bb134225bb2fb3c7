/** Calls as a journal tells them, for tests: allowed and run, a minute apart, unless they say otherwise. */
import type { RecordedCall } from '../../../src/policy/replay/recorded-call.ts';

export const START = Date.UTC(2026, 10, 20, 10, 0);

export const callOf = (at: number, target: string, given: object, more: Partial<RecordedCall> = {}): RecordedCall => ({
  call: `call_${at}`,
  session: 's_1',
  principal: 'ada',
  at: START + at * 60_000,
  isJudged: true,
  target,
  isNamedByAgent: false,
  arguments: given as RecordedCall['arguments'],
  verdict: 'allow',
  ran: {
    settledAt: START + at * 60_000 + 1000,
    outcome: 'ok',
    result: undefined,
    effect: 'write',
    policy: 'sha256:x',
  },
  observed: [],
  ...more,
});
