import { expect, test } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import { agentOf } from '../../src/domain/principal.ts';
import type { Stop } from '../../src/domain/stop.ts';
import { outcomeSentence, recordedSentence, refusalSentence, type SpokenRefusal } from '../../src/wire/sentences.ts';

const STOP: Stop = {
  ...{ id: 'st_1', kind: 'all', key: '', by: 'grace', why: 'Look first', at: 0 },
  ...{ lineage: undefined, same: undefined, lifted: undefined },
};

const holdUrl = (hold: string): string => `https://t.example/holds/${hold}`;

const overdrawn = (kind: string, used: number, cap: number): SpokenRefusal => ({
  reason: 'over_budget',
  overdrawn: { kind, used, cap },
  currency: 'USD',
});

test.each<readonly [SpokenRefusal, string]>([
  [
    { reason: 'denied', rules: ['a.b'], why: '`to` must be somebody here', remedy: 'write to somebody here' },
    'DENIED, NOT DONE: `to` must be somebody here. Rewording is denied too. Instead: write to somebody here.',
  ],
  [{ reason: 'denied', rules: [], why: 'No!', remedy: undefined }, 'DENIED, NOT DONE: No! Rewording is denied too.'],
  [
    { reason: 'over_quota', quota: 'store' },
    'STOPPED: the record of calls has no room left, so no call can be made now. Tell the user: an operator must make room.',
  ],
  [
    { reason: 'over_quota', quota: 'principal' },
    'STOPPED: what may be kept of your calls is used up, so no call can be made now. Tell the user: an operator must make room.',
  ],
  ...(
    [
      ['all', '', 'all calls'],
      ['principal', 'local:agent-of:ada', 'all calls in your name'],
      ['session', 's_1', 'this session'],
      ['server', 'crm', 'the server crm'],
      ['tool', 'crm.send', 'crm.send'],
      ['call', 'call_1', 'this exact call'],
    ] as const
  ).map(
    ([kind, key, what]) =>
      [
        { reason: 'stopped', stop: { ...STOP, kind, key } },
        `STOPPED: a person stopped ${what}: Look first. Do not try another way. Say so and wait until you are told to go on.`,
      ] as const,
  ),
  [overdrawn('calls', 200, 200), 'STOPPED: 200 of 200 calls used. Summarise and stop.'],
  [overdrawn('browser_minutes', 5, 5), 'STOPPED: 5 of 5 browser minutes used. Summarise and stop.'],
  [overdrawn('runtime', 61_000, 60_000), 'STOPPED: 61 of 60 seconds of runtime used. Summarise and stop.'],
  [
    overdrawn('spend', 990_000, 1_000_000),
    'STOPPED: 0.99 of 1.00 USD spent, and this call costs more than is left. Summarise and stop.',
  ],
  [overdrawn('spend', 1_200_000, 1_000_000), 'STOPPED: 1.20 of 1.00 USD spent. Summarise and stop.'],
  [
    { reason: 'invalid_arguments', problems: ['`n` must be a number', '`x` is no argument'] },
    'INVALID, NOT DONE: `n` must be a number; `x` is no argument. Mend the arguments and call again.',
  ],
])('%j is said so', (refusal, sentence) => {
  expect(refusalSentence(refusal, holdUrl)).toBe(sentence);
});

test.each([
  ['crm.send', 'When told to continue, call tollgate__continue {"hold":"h_1"}.'],
  ['resource crm crm://a', 'When told to continue, make this very request again.'],
  ['prompt crm.summary', 'When told to continue, make this very request again.'],
])('what is held of %s says how it goes on: only a tool can be continued', (target, how) => {
  const here = { id: 'h_1', target, principal: agentOf('ada') } as Hold;
  expect(refusalSentence({ reason: 'held', hold: here }, holdUrl)).toBe(
    `HELD, NOT DONE. A person must approve this exact call. Do not try another way. Tell the user to open https://t.example/holds/h_1 or to run: tollgate approve h_1. ${how}`,
  );
  const elsewhere = { ...here, principal: { ...here.principal, issuer: 'https://login.example' } };
  expect(refusalSentence({ reason: 'held', hold: elsewhere }, holdUrl)).toBe(
    `HELD, NOT DONE. A person must approve this exact call. Do not try another way. Tell the user to open https://t.example/holds/h_1. ${how}`,
  );
});

test('what a server said of its own failure is not repeated to the agent', () => {
  const said = refusalSentence(
    { reason: 'server_unavailable', server: 'crm', why: 'crm ended: TOKEN=canary' },
    holdUrl,
  );
  expect(said).toMatch(/^UNAVAILABLE, NOT DONE: the server crm /);
  expect(said).not.toContain('canary');
});

test('an outcome that is not known is never taken for done, nor for undone', () => {
  expect(outcomeSentence({ outcome: 'unknown', why: 'no answer within 20 s' })).toBe(
    'UNKNOWN: no answer within 20 s. It may have happened. Do not repeat. Tell the user to find out whether it did.',
  );
  const page = 'https://tools.example.com/outcomes/call_1';
  expect(outcomeSentence({ outcome: 'unknown', why: 'no answer within 20 s', asked: true }, page)).toBe(
    `UNKNOWN: no answer within 20 s. It may have happened. Do not repeat. A person was asked: ${page}`,
  );
  expect(outcomeSentence({ outcome: 'executed', why: 'a person found so at noon: I saw it' })).toBe(
    'EXECUTED: this exact call was executed: a person found so at noon: I saw it. What it answered nobody knows. Do not repeat.',
  );
  expect(outcomeSentence({ outcome: 'not_executed', why: 'a person found so at noon: Nothing there.' })).toBe(
    'NOT DONE: this exact call was not executed: a person found so at noon: Nothing there. It may be made again.',
  );
  expect(outcomeSentence({ outcome: 'not_sent', why: 'refused' })).toMatch(/^NOT DONE: nothing was sent: refused\.$/);
  expect(outcomeSentence({ outcome: 'withheld', why: 'it breaks its schema' })).toMatch(/^WITHHELD: the call was made/);
});

test('a recorded result says when it ran, and that it did not run again', () => {
  expect(recordedSentence(Date.UTC(2026, 10, 22))).toContain('ran at 2026-11-22T00:00:00.000Z and was not run again');
});
