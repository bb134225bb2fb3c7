import { expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { canonical } from '../../src/domain/json.ts';
import type { Intent, Ledger } from '../../src/domain/ports.ts';
import {
  created,
  decisionOf,
  enter,
  entered,
  granted,
  grantOf,
  held,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

const HOUR = 60 * MINUTE;
const LIMIT = { profile: KEY.profile, maxAge: 8 * HOUR };
const AGED = START + LIMIT.maxAge;

const grown = async (ledger: Ledger, at = AGED): Promise<string> =>
  (await entered(ledger, at, KEY, LIMIT.maxAge)).session.id;

const named = async (ledger: Ledger): Promise<string> => {
  const description = { task: undefined, instructions: undefined, model: undefined, route: undefined };
  const creation = { ...KEY, description, by: 'grace', at: START };
  return (await created(ledger, creation)).session.id;
};

/** As the path commits under this policy. */
const under = (session: string, at: number, changes: Partial<Intent> = {}): Intent =>
  intentOf(session, { at, expiresAt: AGED, ...changes });

export function ageContract(bench: () => LedgerBench): void {
  it('an implicit session that is too old is followed by one that has touched and used what it has', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = intentOf(id, { labels: ['private'], claims: { calls: 1, searches: 3 } });
    await ledger.commit(intent);
    await ledger.settle(settlementOf(intent));
    expect(await grown(ledger, AGED - 1)).toBe(id);
    const after = await entered(ledger, AGED, KEY, LIMIT.maxAge);
    expect(after.session).toMatchObject({ ...KEY, state: 'running', lineage: id, openedAt: AGED });
    expect(after.session.id).not.toBe(id);
    expect(after).toMatchObject({ labels: ['private'], used: { calls: 1, searches: 3, runtime: 1_000 } });
    expect((await ledger.look(id, AGED))?.session.state).toBe('expired');
    expect((await ledger.journal(id)).at(-1)).toMatchObject({
      kind: 'state',
      body: { verb: 'expire', by: 'tollgate', why: 'it is older than max_age, 28800 s' },
    });
    expect((await ledger.journal(after.session.id))[0]).toMatchObject({
      body: { follows: id, labels: ['private'], used: { calls: 1, searches: 3 } },
    });
    const restarted = await bench().reopen();
    expect(await grown(restarted, AGED + 1)).toBe(after.session.id);
    expect(await restarted.verify()).toEqual([]);
  });

  it('many who come at once, here and from another handle, find one successor', async () => {
    const id = await enter(bench().ledger);
    const other = await bench().second();
    const ledgers = Array.from({ length: 20 }, (_, index) => (index % 2 ? other : bench().ledger));
    const found = new Set(await Promise.all(ledgers.map((ledger) => grown(ledger))));
    expect(found.size).toBe(1);
    expect(found).not.toContain(id);
    expect(await bench().ledger.verify()).toEqual([]);
  });

  it('one that expired while nobody called is followed all the same, by the next call, after a restart too', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.commit(intentOf(id, { labels: ['private'] }));
    expect(await ledger.expireAged([LIMIT], AGED - 1)).toEqual([]);
    expect(await ledger.expireAged([{ ...LIMIT, profile: 'other' }], AGED)).toEqual([]);
    expect(await ledger.expireAged([LIMIT], AGED)).toEqual([id]);
    expect(await ledger.expireAged([LIMIT], AGED)).toEqual([]);
    expect(await ledger.find(KEY, AGED)).toBeUndefined();
    expect((await ledger.journal(GATEWAY_CHAIN)).at(-1)?.body).toMatchObject({ session: id, state: 'expired' });
    const after = await entered(await bench().reopen(), AGED, KEY, LIMIT.maxAge);
    expect(after).toMatchObject({ session: { lineage: id }, labels: ['private'], used: { calls: 1 } });
  });

  it('what a person expired is followed too, even once it is archived: its labels are not washed', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.commit(intentOf(id, { labels: ['private'] }));
    await ledger.change(id, 'expire', 'grace', 'enough', START);
    await ledger.change(id, 'archive', 'grace', 'tidy', START);
    expect(await entered(ledger, START)).toMatchObject({ session: { lineage: id }, labels: ['private'] });
  });

  it('a person who completes a session lets its key begin anew', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.commit(intentOf(id, { labels: ['private'] }));
    const next = await grown(ledger);
    await ledger.change(next, 'complete', 'grace', 'done', AGED);
    const fresh = await entered(ledger, AGED + 1, KEY, LIMIT.maxAge);
    expect(fresh).toMatchObject({ labels: [], used: { runtime: 0 } });
    expect(fresh.session.lineage).toBe(fresh.session.id);
  });

  it('an intent of a session that has grown too old is for its successor; of a named one it is refused', async () => {
    const { ledger } = bench();
    const [implicit, own] = [await enter(ledger), await named(ledger)];
    expect(await ledger.commit(under(implicit, AGED - 1))).toMatchObject({ ok: true });
    expect(await ledger.commit(under(own, AGED - 1))).toMatchObject({ ok: true });
    expect(await ledger.commit(under(implicit, AGED))).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.commit(under(own, AGED))).toEqual({ ok: false, reason: 'session_over' });
    expect(await ledger.expireAged([LIMIT], AGED)).toHaveLength(2);
    expect(await ledger.commit(under(implicit, AGED))).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.commit(under(own, AGED))).toEqual({ ok: false, reason: 'session_over' });
    expect(await ledger.commit(under(await grown(ledger), AGED, { expiresAt: 2 * AGED }))).toMatchObject({ ok: true });
  });

  it('a paused session does not age: nobody gets around a pause by waiting', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.change(id, 'pause', 'grace', 'look first', START);
    expect(await ledger.expireAged([LIMIT], AGED)).toEqual([]);
    expect((await entered(ledger, AGED, KEY, LIMIT.maxAge)).session).toMatchObject({ id, state: 'paused' });
    expect(await ledger.commit(under(id, AGED))).toEqual({ ok: false, reason: 'session_paused' });
    await ledger.change(id, 'resume', 'grace', 'fine', AGED);
    expect((await entered(ledger, AGED, KEY, LIMIT.maxAge)).session).toMatchObject({ lineage: id, state: 'running' });
  });

  it('a hold placed before stands in the successor, and its approval is used there, once', async () => {
    const { ledger } = bench();
    const first = await enter(ledger);
    const at = AGED - MINUTE;
    const hold = await held(ledger, placingOf(writeOf(first, { at })));
    const id = await grown(ledger);
    const same = writeOf(id, { at: AGED });
    const again = placingOf(same, { lineage: first });
    expect(await held(ledger, again)).toEqual(hold);
    expect(await ledger.decide(hold.id, decisionOf('approve', { at: AGED }))).toMatchObject({ ok: true });
    const grant = grantOf(hold, decisionOf('approve', { at: AGED }));
    expect(await ledger.commit({ ...same, grant })).toMatchObject({ ok: true });
    expect(await ledger.commit({ ...same, call: 'call_again', effect: 'read', grant })).toMatchObject({
      reason: 'stale',
    });
    expect(await ledger.hold(hold.id, AGED)).toMatchObject({ state: 'used', usedBy: [same.call] });
  });

  it('an approval of before is used in the successor; another session cannot', async () => {
    const { ledger } = bench();
    const first = await enter(ledger);
    const intent = await granted(ledger, writeOf(first));
    await ledger.expireAged([{ ...LIMIT, maxAge: 3 * MINUTE }], START + 3 * MINUTE);
    expect(await ledger.hold(intent.grant?.hold ?? '', START + 3 * MINUTE)).toMatchObject({ state: 'approved' });
    const id = await grown(ledger, START + 3 * MINUTE);
    const other = await enter(ledger, { ...KEY, folder: '/elsewhere' });
    const at = START + 3 * MINUTE;
    expect(await ledger.commit({ ...intent, session: other, at })).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.commit({ ...intent, session: id, at })).toMatchObject({ ok: true });
  });

  it('holds of a named session that grows too old are void', async () => {
    const { ledger } = bench();
    const hold = await held(ledger, placingOf(writeOf(await named(ledger), { at: AGED - 1 })));
    await ledger.expireAged([LIMIT], AGED);
    expect(await ledger.hold(hold.id, AGED)).toMatchObject({ state: 'lapsed' });
  });

  it('what was denied before stays denied in the successor, and denials close the tool', async () => {
    const { ledger } = bench();
    const first = await enter(ledger);
    for (const n of [1, 2, 3]) {
      const hold = await held(ledger, placingOf(writeOf(first, { canonical: canonical({ n }) })));
      await ledger.decide(hold.id, decisionOf('deny'));
    }
    const id = await grown(ledger);
    const asked = (n: number) => placingOf(writeOf(id, { canonical: canonical({ n }), at: AGED }), { lineage: first });
    expect(await held(ledger, asked(1))).toMatchObject({ state: 'denied' });
    expect(await ledger.place(asked(4))).toMatchObject({ found: 'closed' });
  });

  it('an unknown outcome of before answers the identical call, and limits count what was done before', async () => {
    const { ledger } = bench();
    const first = await enter(ledger);
    const lost = writeOf(first);
    await ledger.commit(lost);
    await ledger.settle(settlementOf(lost, { outcome: 'unknown' }));
    const id = await grown(ledger);
    expect(await ledger.commit({ ...lost, session: id, call: 'call_2', at: AGED })).toEqual({
      ok: false,
      reason: 'repeated',
      call: lost.call,
    });
  });

  it('a call that is under way counts in the successor: its runtime is not lost between the two', async () => {
    const { ledger } = bench();
    const first = await enter(ledger);
    const intent = writeOf(first, { at: AGED - 2_000, timeout: HOUR });
    await ledger.commit(intent);
    const id = await grown(ledger);
    expect((await ledger.look(id, AGED + 3_000))?.used['runtime']).toBe(5_000);
    await ledger.settle(settlementOf(intent, { at: AGED + 4_000 }));
    expect((await ledger.look(id, AGED + 9_000))?.used).toMatchObject({ calls: 1, runtime: 6_000 });
    expect((await ledger.look(first, AGED + 9_000))?.used['runtime']).toBe(0);
  });

  it('budgets are full again so long after their first charge, and by no other means', async () => {
    const { ledger } = bench();
    const day = 24 * HOUR;
    const id = await enter(ledger);
    const claim = (at: number, changes: Partial<Intent> = {}) =>
      ledger.commit(intentOf(id, { at, caps: { calls: 2 }, renew: day, labels: ['private'], ...changes }));
    const begun = START + HOUR; // the first charge, not the opening, is what counts
    expect(await claim(begun)).toMatchObject({ ok: true });
    expect(await claim(begun + day - 1)).toMatchObject({ ok: true });
    expect(await claim(begun + day - 1)).toMatchObject({ reason: 'over_budget', overdrawn: { used: 2 } });
    expect(await claim(begun + day, { renew: undefined })).toMatchObject({ reason: 'over_budget' });
    expect(await claim(begun + day, { caps: { calls: 0 } })).toMatchObject({ overdrawn: { used: 0 } });
    expect((await ledger.look(id, begun + day))?.used['calls']).toBe(2); // a refused call fills nothing
    expect(await claim(begun + day)).toMatchObject({ ok: true });
    const after = await ledger.look(id, begun + day);
    expect(after).toMatchObject({ used: { calls: 1 }, labels: ['private'], chargedSince: begun + day });
    expect(await claim(begun + 2 * day - 1)).toMatchObject({ ok: true });
    expect(await claim(begun + 2 * day - 1)).toMatchObject({ reason: 'over_budget' });
    const renewed = (await ledger.journal(id)).filter(({ body }) => body['renewed'] === true);
    expect(renewed).toHaveLength(1);
  });

  it('of a call under way when budgets are full again only what is to come counts, and servers may ask no more', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = writeOf(id, { timeout: 2 * HOUR });
    await ledger.commit(intent);
    const draft = { session: id, kind: 'asked' as const, call: intent.call, at: START, body: {} };
    await ledger.ask({ draft, kind: 'asked.crm.sampling', max: 1 });
    await ledger.commit(intentOf(id, { at: START + HOUR, renew: HOUR }));
    await ledger.settle(settlementOf(intent, { at: START + HOUR + 5_000 }));
    expect((await ledger.look(id, START + HOUR + 7_000))?.used).toMatchObject({ calls: 1, runtime: 7_000 });
    expect(await ledger.ask({ draft, kind: 'asked.crm.sampling', max: 1 })).toBe(false);
  });

  it('a successor goes on with the time since the first charge: it renews nothing sooner', async () => {
    const { ledger } = bench();
    const first = await enter(ledger);
    await ledger.commit(intentOf(first, { at: START + MINUTE }));
    const id = await grown(ledger);
    const renew = LIMIT.maxAge + HOUR;
    const caps = { calls: 1 };
    expect((await ledger.look(id, AGED))?.chargedSince).toBe(START + MINUTE);
    const due = START + MINUTE + renew;
    expect(await ledger.commit(intentOf(id, { at: due - 1, caps, renew }))).toMatchObject({ reason: 'over_budget' });
    expect(await ledger.commit(intentOf(id, { at: due, caps, renew }))).toMatchObject({ ok: true });
  });

  it('a session is touched by its calls from their intents to their outcomes', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const touched = async (at: number) => (await ledger.look(id, at))?.touchedAt;
    expect(await touched(START + 5)).toBe(START);
    const intent = writeOf(id, { at: START + 10 });
    await ledger.commit(intent);
    expect(await touched(START + 500)).toBe(START + 500);
    await ledger.settle(settlementOf(intent));
    expect(await touched(START + HOUR)).toBe(START + 1_010);
  });
}
