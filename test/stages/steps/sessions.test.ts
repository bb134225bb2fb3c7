import { describe, expect, onTestFinished, test } from 'vitest';
import type { Authenticated, Route } from '../../../src/domain/call.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import { type Caller, localCaller } from '../../../src/domain/principal.ts';
import type { Profiles } from '../../../src/stages/choose-profile.ts';
import { enterSession } from '../../../src/stages/enter-session.ts';
import { intentOf } from '../../contract/ledger-bench.ts';
import { profileOf, saidOfTool } from '../../policy/policy-text.ts';
import { openSqliteBench } from '../../store/sqlite-bench.ts';
import { receivedOf } from '../../support/path.ts';
import { AT, desks, passed, refusalOf } from './desk.ts';

const desk = desks();
const HOUR = 3_600_000;

let users = 0;

/** A caller of its own, whose calls enter sessions under a profile with these further keys, at `clock.at`. */
async function door(more = '', rest: Partial<Profile> = {}) {
  const { ledger } = await desk('{}');
  users += 1;
  const caller = localCaller(`ada-${users}`);
  const clock = { at: AT };
  const profile: Profile = { ...profileOf(`${saidOfTool('{ effect: write }')}${more}`), ...rest };
  const profiles: Profiles = new Map([[profile.name, profile]]);
  const step = enterSession(
    ledger,
    profiles,
    (session) => `/sessions/${session}`,
    () => clock.at,
  );
  const enter = (route: Partial<Route> = {}, as: Caller = caller) => {
    const call: Authenticated = {
      ...receivedOf('crm__act', {}, clock.at),
      ...as,
      subjectToken: undefined,
      route: { profile: undefined, session: undefined, folder: undefined, ...route },
    };
    return step(call);
  };
  return { ledger, clock, caller, profile, enter };
}
const sessionOf = async ({ enter }: Awaited<ReturnType<typeof door>>): Promise<string> =>
  passed(await enter()).session.id;

describe('a call enters', () => {
  test('the live session of its principal, profile and folder, with its own folder', async () => {
    const one = await door();
    const first = passed(await one.enter());
    expect(first).toMatchObject({ profile: one.profile, dir: `/sessions/${first.session.id}` });
    expect(first.snapshot.session).toBe(first.session);
    expect(passed(await one.enter()).session.id).toBe(first.session.id);
    expect(passed(await one.enter({ profile: 'demo' })).session.id).toBe(first.session.id);
    expect(passed(await one.enter({ folder: '/elsewhere' })).session.id).not.toBe(first.session.id);
  });

  test('the session that it names, by its URL or by its token, and under its own profile', async () => {
    const one = await door();
    const id = await sessionOf(one);
    const elsewhere = { folder: '/elsewhere' };
    const named = passed(await one.enter({ session: id, ...elsewhere }));
    expect(named).toMatchObject({ session: { id }, profile: one.profile, dir: `/sessions/${id}` });
    expect(passed(await one.enter(elsewhere, { ...one.caller, sid: id })).session.id).toBe(id);
    expect(passed(await one.enter({ session: id }, { ...one.caller, sid: id })).session.id).toBe(id);
    expect(passed(await one.enter({ session: id, profile: 'demo' })).session.id).toBe(id);
  });

  const UNKNOWN = { reason: 'session_unknown' };

  test('none of somebody else’s, and none that is not there: both are told in the same words', async () => {
    const [one, eve] = [await door(), localCaller('eve')];
    const id = await sessionOf(one);
    for (const [route, caller] of [
      [{ session: id }, eve],
      [{}, { ...eve, sid: id }],
      [{ session: 's_none' }, one.caller],
      [{}, { ...one.caller, sid: 's_none' }],
      [{ session: id, profile: 'other' }, one.caller],
      [{ profile: 'other' }, one.caller],
    ] as const)
      expect(refusalOf(await one.enter(route, caller))).toEqual(UNKNOWN);
  });

  test('none that its token is not for', async () => {
    const one = await door();
    const id = await sessionOf(one);
    const other = passed(await one.enter({ folder: '/elsewhere' })).session.id;
    expect(refusalOf(await one.enter({ session: id }, { ...one.caller, sid: other }))).toEqual(UNKNOWN);
  });

  test('none whose profile does not let it in any more, or is gone', async () => {
    const one = await door();
    const id = await sessionOf(one);
    for (const profile of [
      { ...one.profile, who: [] },
      { ...one.profile, name: 'other' },
    ]) {
      const enter = enterSession(one.ledger, new Map([[profile.name, profile]]), String, () => AT);
      const route = { profile: undefined, session: id, folder: undefined };
      expect(
        refusalOf(await enter({ ...receivedOf('x', {}, AT), ...one.caller, subjectToken: undefined, route })),
      ).toEqual(UNKNOWN);
    }
  });
});

describe('a session lets no call in', () => {
  test('while it is paused, nor once it is over, by its name; an implicit one has a successor', async () => {
    const one = await door();
    const id = await sessionOf(one);
    passed(await one.ledger.change(id, 'pause', 'grace', 'lunch', AT));
    expect(refusalOf(await one.enter())).toEqual({ reason: 'session_paused' });
    expect(refusalOf(await one.enter({ session: id }))).toEqual({ reason: 'session_paused' });
    passed(await one.ledger.change(id, 'resume', 'grace', 'back', AT));
    expect((await one.enter()).ok).toBe(true);
    passed(await one.ledger.change(id, 'complete', 'grace', 'done', AT));
    expect(refusalOf(await one.enter({ session: id }))).toEqual({ reason: 'session_over' });
    expect(await sessionOf(one)).not.toBe(id);
  });

  test('but a created one, which runs from its first call on', async () => {
    const one = await door();
    const description = { task: 'x', instructions: undefined, model: undefined, route: undefined };
    const key = { principal: one.caller.principal, profile: 'demo', folder: undefined };
    const created = { ...key, description, mostSessions: undefined, by: 'grace', at: AT };
    const { id } = passed(await one.ledger.create(created)).session;
    expect(passed(await one.enter({ session: id })).session).toMatchObject({ id, state: 'created' });
  });

  test('once it is too old: of one that is named there is no more, of another a successor', async () => {
    const one = await door('session: { max_age: 8h }\n');
    const id = await sessionOf(one);
    one.clock.at = AT + 8 * HOUR - 1;
    expect(passed(await one.enter({ session: id })).session.id).toBe(id);
    one.clock.at = AT + 8 * HOUR;
    expect(refusalOf(await one.enter({ session: id }))).toEqual({ reason: 'session_over' });
    expect(passed(await one.enter()).session).toMatchObject({ lineage: id, openedAt: one.clock.at });
  });

  test('while a person has stopped it, its principal, or all', async () => {
    const one = await door();
    const id = await sessionOf(one);
    for (const [kind, key] of [
      ['session', id],
      ['principal', `local:${one.caller.principal.subject}`],
    ] as const) {
      const stop = passed(await one.ledger.stop({ kind, key, by: 'grace', why: 'No.', at: AT }));
      expect(refusalOf(await one.enter())).toEqual({ reason: 'stopped', stop });
      expect(refusalOf(await one.enter({ session: id }))).toEqual({ reason: 'stopped', stop });
      passed(await one.ledger.lift(stop.id, 'grace', 'Go on.', AT));
      expect((await one.enter()).ok).toBe(true);
    }
  });
});

describe('a session is opened', () => {
  test('for as many as its principal may have, and no more', async () => {
    const one = await door('budgets: { principal: { sessions: 1 } }\n');
    passed(await one.enter());
    expect(refusalOf(await one.enter({ folder: '/elsewhere' }))).toEqual({
      reason: 'over_budget',
      overdrawn: { kind: 'sessions', used: 1, cap: 1 },
      currency: 'USD',
    });
    expect((await one.enter()).ok).toBe(true);
  });

  test('where there is room for what it would keep', async () => {
    const bench = await openSqliteBench();
    onTestFinished(() => bench.close());
    const ledger = await bench.reopen({ store: undefined, principal: 10 });
    const profile = profileOf(saidOfTool('{}'));
    const enter = enterSession(ledger, new Map([['demo', profile]]), String, () => AT);
    const into = (folder: string) =>
      enter({
        ...receivedOf('crm__act', {}, AT),
        ...localCaller('ada'),
        subjectToken: undefined,
        route: { profile: undefined, session: undefined, folder },
      });
    const { session } = passed(await into('/one'));
    expect((await ledger.commit(intentOf(session.id))).ok).toBe(true);
    expect(refusalOf(await into('/two'))).toEqual({ reason: 'over_quota', quota: 'principal' });
    expect((await into('/one')).ok).toBe(true);
  });
});

describe('what is used', () => {
  const used = { calls: 2, 'asked.crm.sampling': 1 };
  /** A session that has made two calls, so long after the first of them. */
  const later = async (more: string, milliseconds: number) => {
    const one = await door(`budgets: { session: { calls: 9 } }\n${more}`);
    const id = await sessionOf(one);
    for (const call of ['1', '2']) {
      const intent = intentOf(id, { call: `${id}-${call}`, at: AT, claims: { calls: 1 } });
      expect((await one.ledger.commit(intent)).ok).toBe(true);
    }
    const draft = { session: id, kind: 'asked', call: `${id}-1`, at: AT, body: {} } as const;
    expect(await one.ledger.ask({ draft, kind: 'asked.crm.sampling', max: undefined })).toBe(true);
    one.clock.at = AT + milliseconds;
    return { named: passed(await one.enter({ session: id })), implicit: passed(await one.enter()) };
  };

  test('counts until budgets are full again, and what was asked of the client for ever', async () => {
    for (const { snapshot } of Object.values(await later('session: { renew: 1h }\n', HOUR - 1)))
      expect(snapshot.used).toMatchObject(used);
    for (const { snapshot } of Object.values(await later('session: { renew: 1h }\n', HOUR)))
      expect(snapshot.used).toEqual({ 'asked.crm.sampling': 1 });
    for (const { snapshot } of Object.values(await later('', 99 * HOUR))) expect(snapshot.used).toMatchObject(used);
  });
});

describe('a session that was refused as often as it may be', () => {
  const refused = async (more: string, times: number) => {
    const one = await door(`budgets: { session: { ${more} } }\n`);
    const id = await sessionOf(one);
    for (let n = 0; n < times; n++) {
      const draft = { session: id, kind: 'refused', call: `${id}-${n}`, at: AT, body: {} } as const;
      await one.ledger.append(draft, undefined, { kind: 'refusals', most: undefined });
    }
    return one;
  };

  test('judges nothing more: a loop of denials ends', async () => {
    expect((await (await refused('refusals: 2', 1)).enter()).ok).toBe(true);
    expect(refusalOf(await (await refused('refusals: 2', 2)).enter())).toEqual({
      reason: 'over_budget',
      overdrawn: { kind: 'refusals', used: 2, cap: 2 },
      currency: 'USD',
    });
    expect((await (await refused('calls: 1', 9)).enter()).ok).toBe(true);
  });

  test('goes on where the profile only observes', async () => {
    const one = await door('mode: observe\nbudgets: { session: { refusals: 1 } }\n');
    const draft = { session: await sessionOf(one), kind: 'refused', call: 'x', at: AT, body: {} } as const;
    await one.ledger.append(draft, undefined, { kind: 'refusals', most: undefined });
    expect((await one.enter()).ok).toBe(true);
  });
});
