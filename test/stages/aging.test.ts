/** How calls find sessions that grow too old, are named, or have budgets that are full again. */
import { describe, expect, test } from 'vitest';
import type { Received } from '../../src/domain/call.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import { created } from '../contract/ledger-bench.ts';
import { inFolder, type RuledPath, ruledPath } from '../support/ruled-path.ts';
import { holdOf } from './holding-path.ts';

const HOUR = 3_600_000;
/** People sign with the time on their clocks. */
const START = Date.now();
const READ = 'rough__rough';
const SEND = 'rough__other';
const ECHO = { do: 'echo' };

/** `rough` brings in what is private and untrusted; `other` sends, and a person approves it. */
const POLICY = `tools:
  rough.rough: { effect: read }
  rough.other: { effect: write, labels: [], sends_to: external, approval: {} }
flows: [{ id: stays, when: { labels: [private, untrusted], sends_to: external }, then: deny }]
budgets: { session: { calls: 3 } }
session: { max_age: 8h, renew: 1d }
`;

interface Clock {
  at: number;
  /** What passes with each look at the clock. */
  step: number;
}

async function aging(policy = POLICY): Promise<RuledPath & { readonly clock: Clock }> {
  const clock = { at: START, step: 0 };
  const now = (): number => {
    clock.at += clock.step;
    return clock.at;
  };
  return { ...(await ruledPath(policy, { now, more: ', defaults: { sends_to: none }' })), clock };
}

const create = async (ledger: Ledger, at = START): Promise<string> => {
  const description = { task: 'Tidy up.', instructions: undefined, model: undefined, route: undefined };
  const owner = { principal: agentOf('ada'), profile: 'ruled', folder: undefined };
  return (await created(ledger, { ...owner, description, by: 'grace', at })).session.id;
};

const named = (session: string): Partial<Received> => ({ route: { profile: undefined, session, folder: undefined } });
const stateOf = async ({ ledger, clock }: RuledPath & { clock: Clock }, id: string) =>
  (await ledger.describe(id, clock.at))?.session.state;

describe('a named session', () => {
  test('is entered by its id alone, runs from its first call on, and is over when it is too old', async () => {
    const path = await aging();
    const id = await create(path.ledger);
    expect((await path.call(READ, ECHO)).said).toBe('ok');
    expect(await stateOf(path, id)).toBe('created');
    expect((await path.call(READ, ECHO, named(id))).said).toBe('ok');
    expect(await stateOf(path, id)).toBe('running');
    path.clock.at = START + 8 * HOUR - 1;
    expect((await path.call(READ, ECHO, named(id))).said).toBe('ok');
    path.clock.at += 1;
    expect((await path.call(READ, ECHO, named(id))).refusal).toEqual({ reason: 'session_over' });
    expect((await path.call(READ, ECHO)).said).toBe('ok');
    expect(path.server.calls()).toHaveLength(4);
  });

  test('that is not begun and too old makes no first call', async () => {
    const path = await aging();
    const id = await create(path.ledger);
    path.clock.at = START + 8 * HOUR;
    expect((await path.call(READ, ECHO, named(id))).refusal).toEqual({ reason: 'session_over' });
    expect(path.server.calls()).toEqual([]);
  });

  test('is not somebody else’s: in the same words as none', async () => {
    const path = await aging();
    const description = { task: undefined, instructions: undefined, model: undefined, route: undefined };
    const owner = { principal: agentOf('eve'), profile: 'ruled', folder: undefined };
    const { session } = await created(path.ledger, { ...owner, description, by: 'grace', at: START });
    expect((await path.call(READ, ECHO, named(session.id))).refusal).toEqual({ reason: 'session_unknown' });
  });
});

describe('a successor', () => {
  test('has touched and used what its predecessor has', async () => {
    const path = await aging();
    await path.call(READ, ECHO);
    const first = (await path.session()).session.id;
    path.clock.at = START + 8 * HOUR;
    expect((await path.call(SEND, ECHO)).refusal).toMatchObject({ reason: 'denied', rules: ['flows.stays'] });
    expect((await path.session()).session).toMatchObject({ lineage: first, openedAt: path.clock.at });
    expect((await path.call(READ, { ...ECHO, n: 1 })).said).toBe('ok');
    path.clock.at += 8 * HOUR;
    expect((await path.call(READ, { ...ECHO, n: 2 })).said).toBe('ok');
    expect((await path.call(READ, { ...ECHO, n: 3 })).refusal).toMatchObject({ reason: 'over_budget' });
    expect(path.server.calls()).toHaveLength(3);
  });

  test('is entered by no caller who names the session that it follows', async () => {
    const path = await aging();
    await path.call(READ, ECHO);
    const first = (await path.session()).session.id;
    path.clock.at = START + 8 * HOUR;
    expect((await path.call(READ, ECHO, named(first))).refusal).toEqual({ reason: 'session_over' });
    expect((await path.call(READ, ECHO)).said).toBe('ok');
    expect((await path.call(READ, ECHO, named(first))).refusal).toEqual({ reason: 'session_over' });
  });

  test('makes the call that a person approved before, once, and asks nobody again', async () => {
    const path = await aging();
    const opened = START - 8 * HOUR + 2;
    await path.ledger.enter({ principal: agentOf('ada'), profile: 'ruled', folder: undefined }, opened);
    const hold = holdOf(await path.call(SEND, ECHO));
    path.clock.at += 2;
    expect(holdOf(await path.call(SEND, ECHO))).toBe(hold);
    expect(await path.ledger.sessions(path.clock.at)).toHaveLength(2);
    await path.answer(path.person, hold, 'approve');
    expect((await path.call(SEND, ECHO)).said).toBe('ok');
    expect(path.server.calls()).toEqual([ECHO]);
  });

  test('takes over a call whose session grows too old between its decision and its intent', async () => {
    const path = await aging(POLICY.replace('calls: 3', 'calls: 300'));
    const sessions = [];
    for (let early = 0; early < 12; early++) {
      const as = inFolder(`/${early}`);
      path.clock.step = 0;
      path.clock.at += HOUR;
      await path.call(READ, ECHO, as);
      const [opened] = await path.ledger.sessions(path.clock.at);
      path.clock.at = (opened?.session.openedAt ?? 0) + 8 * HOUR - early;
      path.clock.step = 1;
      expect((await path.call(READ, ECHO, as)).said, `${early} ms before`).toBe('ok');
      path.clock.step = 0;
      const lineage = (await path.ledger.sessions(path.clock.at)).filter(
        ({ session }) => session.lineage === opened?.session.id,
      );
      sessions.push(lineage.length);
      for (const { session } of lineage) {
        const intents = (await path.ledger.journal(session.id)).filter(({ kind }) => kind === 'intent');
        for (const { at } of intents) expect(at).toBeLessThan(session.openedAt + 8 * HOUR);
      }
    }
    // Some came in time; each of the others was made in one successor.
    expect(new Set(sessions)).toEqual(new Set([1, 2]));
  });
});

test('budgets are full again so long after their first charge, and a call may be made at once', async () => {
  const path = await aging(POLICY.replace('max_age: 8h, ', ''));
  for (const n of [1, 2, 3]) expect((await path.call(READ, { ...ECHO, n })).said).toBe('ok');
  path.clock.at = START + 24 * HOUR - 1;
  expect((await path.call(READ, ECHO)).refusal).toMatchObject({ reason: 'over_budget' });
  path.clock.at += 1;
  for (const n of [4, 5, 6]) expect((await path.call(READ, { ...ECHO, n })).said).toBe('ok');
  expect((await path.call(READ, ECHO)).refusal).toMatchObject({ reason: 'over_budget' });
  expect((await path.call(SEND, ECHO)).refusal).toMatchObject({ rules: ['flows.stays'] });
});
