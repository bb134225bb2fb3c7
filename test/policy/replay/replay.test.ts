import { expect, test } from 'vitest';
import { namesOf } from '../../../src/domain/names.ts';
import type { RecordedCall } from '../../../src/policy/replay/recorded-call.ts';
import { differs, replay } from '../../../src/policy/replay/replay.ts';
import { HEAD, profileOf, ref, SERVERS } from '../policy-text.ts';
import { callOf, START } from './calls.ts';

/** What this policy would say instead: the minute, the verdict and the rules. */
function differences(text: string, calls: readonly RecordedCall[]) {
  const profile = profileOf(HEAD + SERVERS + text);
  const names = namesOf(profile);
  if (!names.ok) throw new Error(names.error.join('\n'));
  const replayed = replay(calls, { profile, names: names.value, dirOf: (session) => `/sessions/${session}` });
  return replayed
    .filter(differs)
    .map(({ call, would, rules }) => [(call.at - START) / 60_000, would ?? 'cannot be told', ...rules]);
}

test('what was said again is no difference, and another answer is', () => {
  const text = 'tools: { crm.act: { arguments: { n: { maximum: 5 } } } }\n';
  expect(
    differences(text, [
      callOf(1, 'crm.act', { n: 5 }),
      callOf(2, 'crm.act', { n: 6 }),
      callOf(3, 'crm.act', { n: 6 }, { verdict: 'deny', ran: undefined }),
      callOf(4, 'crm.act', { n: 5 }, { verdict: 'hold' }),
      callOf(5, 'crm.gone', {}),
      callOf(6, 'crm__act', { n: 1 }, { verdict: 'deny', ran: undefined, isNamedByAgent: true }),
      callOf(7, 'crm__nothing', {}, { verdict: 'deny', ran: undefined, isNamedByAgent: true }),
    ]),
  ).toEqual([
    [2, 'deny', 'crm.act.arguments.n'],
    [4, 'allow', 'crm.act'],
    [5, 'deny', 'tools'],
    [6, 'allow', 'crm.act'],
  ]);
});

test('limits count what ran before, in its window, of the session or the principal', () => {
  const text = (per: string) =>
    `tools: { crm.act: { limits: [{ count: calls, within: 10m, max: 2, per: ${per} }] } }\n`;
  const calls = [
    callOf(1, 'crm.act', {}),
    callOf(2, 'crm.act', {}, { session: 's_2' }),
    callOf(3, 'crm.act', {}),
    callOf(4, 'crm.act', {}, { verdict: 'deny', ran: undefined }),
    callOf(14, 'crm.act', {}),
  ];
  expect(differences(text('session'), calls)).toEqual([]);
  expect(differences(text('principal'), calls)).toEqual([[3, 'deny', 'crm.act.limits.0']]);
  // The journal's order is not the order of the list.
  expect(differences(text('principal'), calls.toReversed())).toEqual([[3, 'deny', 'crm.act.limits.0']]);
});

test('a call that was still under way counts as that', () => {
  const text = 'tools: { crm.get: {}, crm.act: { after: [{ tool: crm.get }] } }\n';
  const slow = callOf(1, 'crm.get', {});
  const ended = { ...slow, ran: slow.ran && { ...slow.ran, settledAt: START + 3 * 60_000 } };
  expect(differences(text, [ended, callOf(2, 'crm.act', {}), callOf(4, 'crm.act', {})])).toEqual([
    [2, 'deny', 'crm.act.after.0'],
  ]);
});

test('labels are what these rules say, not what was said then', () => {
  const text = `tools:
  crm.get: { labels: [private], sends_to: none }
  crm.send: { labels: [], sends_to: external }
flows: [{ id: stay, when: { labels: [private], sends_to: external }, then: hold }]
`;
  const calls = [
    callOf(1, 'crm.send', {}),
    callOf(2, 'crm.get', {}),
    callOf(3, 'crm.send', {}),
    callOf(4, 'crm.send', {}, { session: 's_2' }),
  ];
  expect(differences(text, calls)).toEqual([[3, 'hold', 'flows.stay']]);
});

test('a call that these rules deny leaves nothing behind', () => {
  const text = `tools:
  crm.get: { arguments: { n: { maximum: 5 } }, labels: [private], sends_to: none }
  crm.act: { labels: [], after: [{ tool: crm.get }], sends_to: external }
flows: [{ id: stay, when: { labels: [private], sends_to: external }, then: deny }]
`;
  expect(differences(text, [callOf(1, 'crm.get', { n: 9 }), callOf(2, 'crm.act', {})])).toEqual([
    [1, 'deny', 'crm.get.arguments.n'],
    [2, 'deny', 'crm.act.after.0'],
  ]);
  expect(differences(text, [callOf(1, 'crm.get', { n: 5 }), callOf(2, 'crm.act', {})])).toEqual([
    [2, 'deny', 'flows.stay'],
  ]);
});

test('budgets are counted by session; time is not replayed', () => {
  const text = 'tools: { crm.act: { charges: { notes: 2 } } }\nbudgets: { session: { notes: 4, runtime: 1s } }\n';
  const calls = [1, 2, 3].map((at) => callOf(at, 'crm.act', {}));
  expect(differences(text, [...calls, callOf(4, 'crm.act', {}, { session: 's_2' })])).toEqual([
    [3, 'stop', 'budgets.session.notes'],
  ]);
});

test('where an output that a rule names was not kept, nothing is guessed', () => {
  const text = `tools:
  crm.get: { effect: read }
  crm.act: { after: [{ tool: crm.get, where: { output.id: "${ref('arguments.id')}" } }] }
  crm.end: { not_after: [{ tool: crm.get, where: { output.id: "${ref('arguments.id')}" } }] }
`;
  const get = callOf(1, 'crm.get', {});
  const kept = { ...get, ran: get.ran && { ...get.ran, result: { structuredContent: { id: 'c1' } } } };
  const act = callOf(2, 'crm.act', { id: 'c1' });
  const end = callOf(3, 'crm.end', { id: 'c1' });
  expect(differences(text, [get, act, end])).toEqual([
    [2, 'cannot be told', 'crm.act.after.0'],
    [3, 'cannot be told', 'crm.end.not_after.0'],
  ]);
  expect(differences(text, [kept, act, end])).toEqual([[3, 'deny', 'crm.end.not_after.0']]);
  expect(differences(text, [act])).toEqual([[2, 'deny', 'crm.act.after.0']]);
  // It failed: whatever it answered, it met nothing.
  const failed = { ...get, ran: get.ran && { ...get.ran, outcome: 'tool_error' as const } };
  expect(differences(text, [failed, act])).toEqual([[2, 'deny', 'crm.act.after.0']]);
});

test('arguments that were not kept, and folders of sessions', () => {
  const text = `tools: { crm.act: { arguments: { a: { within: "${ref('session.dir')}" } } } }\n`;
  expect(
    differences(text, [
      callOf(1, 'crm.act', { a: '/sessions/s_1/x' }),
      callOf(2, 'crm.act', { a: '/sessions/s_2/x' }),
      callOf(3, 'crm.act', {}, { arguments: undefined }),
    ]),
  ).toEqual([
    [2, 'deny', 'crm.act.arguments.a'],
    [3, 'cannot be told'],
  ]);
});

test('production is held once in each session: whatever ran there had a person’s yes', () => {
  const servers = new Map([
    ['crm', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined, environment: 'production' } as const],
  ]);
  const profile = profileOf(`${HEAD}tools: { crm.act: { effect: write }, crm.get: { effect: read } }\n`, servers);
  const names = namesOf(profile);
  if (!names.ok) throw new Error(names.error.join('\n'));
  const calls = [
    callOf(1, 'crm.act', {}, { verdict: 'hold', ran: undefined }),
    callOf(2, 'crm.act', {}),
    callOf(3, 'crm.get', {}),
    callOf(4, 'crm.get', {}, { session: 's_2' }),
  ];
  const would = replay(calls, { profile, names: names.value, dirOf: () => '/' }).map((one) => one.would);
  expect(would).toEqual(['hold', 'hold', 'allow', 'hold']);
});
