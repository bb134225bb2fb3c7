import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemText } from '../../../src/document/document.ts';
import { namesOf } from '../../../src/domain/names.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import { loadPolicy, loadUntested } from '../../../src/policy/file/load.ts';
import { learn } from '../../../src/policy/learn/learn.ts';
import type { RecordedCall } from '../../../src/policy/replay/recorded-call.ts';
import { differs, replay } from '../../../src/policy/replay/replay.ts';
import { HEAD, ref } from '../policy-text.ts';
import { callOf } from '../replay/calls.ts';
import { lockOf } from '../typed/locked.ts';

const anything = { type: 'object', properties: {}, additionalProperties: true };
const LOCK = lockOf({ crm: ['get', 'act', 'send', 'other', 'free'].map((name) => ({ name, inputSchema: anything })) });
const BASE = `${HEAD}mode: observe
servers: { crm: { command: [crm], defaults: { sends_to: internal } } }
sets: { queues: [a, b] }
tools:
  crm.get: { effect: read, labels: [private], can: Read. }
  crm.act:
    effect: write
    labels: []
    arguments: { queue: { enum: "${ref('sets.queues')}" }, refund: { maximum: 500 } }
    charges: { acts: 2 }
    spend: { amount: 0.02 }
    after: [{ tool: crm.get }]
    not_after: [{ tool: crm.other }]
  crm.send: { effect: irreversible, labels: [], sends_to: external, approval: { reason: Mail. } }
  crm.other: { effect: write, labels: [odd] }
  crm.free: { effect: write, labels: [] }
resources: [{ server: crm, uri: "crm://**", labels: [private], sends_to: none }]
prompts: [{ server: crm, name: hello }, { server: crm, name: bye }]
flows:
  - { id: stay, when: { labels: [private], sends_to: external }, then: hold }
  - { id: odd, when: { labels: [odd], sends_to: external }, then: deny }
session: { require_reason: [write, irreversible] }
budgets: { session: { calls: 9, spend: { max: 3, currency: EUR } } }
`;
const DIR = '/home/sessions/s_1';
const dirOf = (session: string): string => `/home/sessions/${session}`;

function taught(calls: readonly RecordedCall[], lock: typeof LOCK | undefined = undefined, written = BASE) {
  const base = loadUntested({
    file: '/p.yaml',
    text: lock === undefined ? written : written.replace(/^prompts:.*\n/m, ''),
    lock,
  });
  if (!base.ok) throw new Error(base.error.map(problemText).join('\n'));
  const learned = learn({ base: base.value, name: 'demo', calls, runtime: 90_000, dirOf, servers: new Map() });
  if (!learned.ok) throw new Error(learned.error.join('\n'));
  const loaded = loadPolicy({ file: '/p.yaml', text: learned.value.text, lock });
  if (!loaded.ok) throw new Error(`${loaded.error.map(problemText).join('\n')}\n${learned.value.text}`);
  return { ...learned.value, profile: loaded.value };
}

function again(profile: Profile, calls: readonly RecordedCall[]) {
  const names = namesOf(profile);
  if (!names.ok) throw new Error(names.error.join('\n'));
  return replay(calls, { profile, names: names.value, dirOf }).filter(differs);
}

const CALLS = [
  callOf(1, 'crm.get', { id: 'c1' }, { ran: { ...callOf(1, '', {}).ran, effect: 'read' } as RecordedCall['ran'] }),
  ...[2, 3, 4, 5].map((at) => callOf(at, 'crm.act', { queue: 'a', refund: at * 10, file: `${DIR}/${at}.txt` })),
  callOf(
    6,
    'crm.send',
    { to: 'ada@example.com' },
    {
      verdict: 'hold',
      ran: { ...callOf(6, '', {}).ran, effect: 'irreversible' } as RecordedCall['ran'],
    },
  ),
];

test('what is learned is the contract as it was, narrowed by what was seen, and says what it rests on', () => {
  const { text, profile } = taught(CALLS);
  expect([...profile.tools.keys()]).toEqual(['crm.get', 'crm.act', 'crm.send']);
  expect(text).toContain('  crm.act: # 4 calls in 1 session\n');
  expect(text).toContain('      queue: { enum: [a, b] } # 4 calls, 1 value seen\n');
  expect(text).toContain('      refund: { minimum: 0, maximum: 50 } # 4 calls, 4 values seen\n');
  expect(text).toContain(`      file: { path: { within: ["${ref('session.dir')}"] } } # 4 calls, 4 values seen\n`);
  expect(text).toContain('    after: [{ tool: crm.get }]\n');
  expect(text).not.toContain('crm.other');
  expect(profile).toMatchObject({
    mode: 'enforce',
    caps: { calls: 10, acts: 10, runtime: 120_000, spend: 100_000 },
    currency: 'EUR',
  });
  expect(profile.flows.map(({ id }) => id)).toEqual(['stay']);
  expect(profile.tools.get('crm.act')).toMatchObject({ asksReason: true, canHold: false });
  expect(profile.tools.get('crm.send')).toMatchObject({ canHold: true, contract: { sendsTo: 'external' } });
  expect(again(profile, CALLS)).toEqual([]);
  // What nobody did is denied.
  const others = [callOf(7, 'crm.act', { refund: 499 }), callOf(8, 'crm.other', {})];
  expect(again(profile, [...CALLS, ...others]).map(({ would }) => would)).toEqual(['deny', 'deny']);
});

test('it lets in whom the policy let in, and nobody else', () => {
  const who = '[local, { issuer: "https://login.example.com", groups: [support] }]';
  const elsewhere = BASE.replace('who: local', `who: ${who}`);
  expect(taught(CALLS, undefined, elsewhere).text).toContain(`\nwho: ${who}\n`);
  expect(taught(CALLS).profile.who).toEqual(['local']);
});

test('it carries tests of calls that were made, and of calls that must be denied', () => {
  const { text } = taught(CALLS);
  expect(text).toContain('call: crm.get, arguments: { id: c1 }, expect: allow }');
  expect(text).toContain('expect: hold }');
  expect(text).toContain('"eve@elsewhere.invalid" }, expect: deny, rule: crm.send.arguments.to }');
  expect(text.match(/call: crm\.send/g)).toHaveLength(2);
});

test('resources and prompts that were used are listed as they were', () => {
  const calls = [callOf(1, 'resource crm crm://a', { uri: 'crm://a' }), callOf(2, 'prompt crm.hello', {})];
  const { profile } = taught(calls);
  expect(profile.resources.map(({ contract }) => contract.name)).toEqual(['crm://**']);
  expect([...profile.prompts.keys()]).toEqual(['crm.hello']);
  expect(again(profile, calls)).toEqual([]);
});

test('what would have been denied is named and left out', () => {
  const denied = callOf(
    7,
    'crm.act',
    { refund: 900 },
    {
      observed: [{ rule: 'crm.act.arguments.refund', would: 'deny', reason: 'x' }],
    },
  );
  const { text, leftOut } = taught([...CALLS, denied]);
  expect(leftOut).toEqual(['2026-11-20 10:07  crm.act, denied by crm.act.arguments.refund']);
  expect(text).toContain(`#   ${leftOut[0]}\n`);
  expect(text).not.toContain('900');
});

test('what ran against the rules that there were is left out, too', () => {
  const other = callOf(7, 'crm.other', {});
  const sent = { ...(CALLS.at(-1) ?? other), at: other.at + 1000 };
  const { leftOut, profile } = taught([other, sent, callOf(9, 'crm.free', {})]);
  expect(leftOut).toEqual(['2026-11-20 10:07  crm.send, denied by flows.odd']);
  expect([...profile.tools.keys()]).toEqual(['crm.other', 'crm.free']);
});

test('an irreversible tool is behind approval, whatever it was before', () => {
  const free = callOf(
    1,
    'crm.other',
    {},
    { ran: { ...callOf(1, '', {}).ran, effect: 'irreversible' } as RecordedCall['ran'] },
  );
  expect(taught([free]).profile.tools.get('crm.other')).toMatchObject({ worst: 'irreversible', canHold: true });
});

test('nothing is learned from nothing', () => {
  expect(() => taught([callOf(1, 'crm.get', {}, { ran: undefined, verdict: 'deny' })])).toThrow(/nothing ran/);
});

describe('whatever was called,', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      'a',
      'b',
      'yes',
      '1',
      '',
      '-',
      '#x',
      ref('session.dir'),
      '/session/x',
      'notes/a',
      `${DIR}/f`,
      '../x',
      'x: y',
    ),
    fc.webUrl(),
    fc.emailAddress(),
  );
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.array(text, { maxLength: 3 }),
  );
  const call = fc.record({
    target: fc.constantFrom('crm.get', 'crm.free', 'crm.send'),
    given: fc.dictionary(fc.constantFrom('path', 'to', 'a b', 'n', 'yes', '0', 'url'), value, { maxKeys: 4 }),
    session: fc.constantFrom('s_1', 's_2'),
  });

  test.each([undefined, LOCK])('what is learned loads, and allows each of these calls', (lock) => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 12 }), (made) => {
        const calls = made.map(({ target, given, session }, at) =>
          callOf(at, target, given, {
            session,
            verdict: target === 'crm.send' ? 'hold' : 'allow',
            ran: {
              ...callOf(at, '', {}).ran,
              effect: target === 'crm.send' ? 'irreversible' : 'write',
            } as RecordedCall['ran'],
          }),
        );
        const denied = again(taught(calls, lock).profile, calls).filter(({ would }) => would !== 'hold');
        expect(denied).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
