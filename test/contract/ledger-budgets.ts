import { expect, it } from 'vitest';
import type { Overdrawn, PrincipalCap } from '../../src/domain/budget.ts';
import { type Commitment, type Ledger, LedgerFault } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import {
  enter,
  entered,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  settlementOf,
} from './ledger-bench.ts';

const HOUR = 60 * MINUTE;
const CALLS: PrincipalCap = { kind: 'calls', most: 30, within: HOUR };

const refusal = (session: string, n: number) =>
  ({ session, kind: 'refused', call: `call_${n}`, at: START, body: { reason: 'denied' } }) as const;

const overdrawnIn = (answer: Commitment): Overdrawn | undefined =>
  !answer.ok && answer.reason === 'over_budget' ? answer.overdrawn : undefined;

/** Read afresh: another handle may have charged what this one has not seen yet. */
const usedOf = async (ledger: Ledger, id: string) =>
  (await ledger.sessions(START)).find(({ session }) => session.id === id)?.used;

/** Sessions of one principal under one profile, each in a folder of its own. */
const sessions = (ledger: Ledger, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => enter(ledger, { ...KEY, folder: `/work/${n}` })));

export function budgetContract(bench: () => LedgerBench): void {
  it('of 30 refusals recorded at once, from two handles, no more are charged than may be; then no call is made', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const count = { kind: 'refusals', most: 20 };
    const record = (n: number) => (n % 2 ? ledger : other).append(refusal(id, n), undefined, count);
    await Promise.all(Array.from({ length: 19 }, (_, n) => record(n)));
    expect(await ledger.commit(intentOf(id, { caps: { refusals: 20 } }))).toMatchObject({ ok: true });
    await Promise.all(Array.from({ length: 30 }, (_, n) => record(n)));
    expect(await usedOf(await bench().second(), id)).toMatchObject({ refusals: 20 });
    const answer = await ledger.commit(intentOf(id, { caps: { refusals: 20 } }));
    expect(answer).toEqual({ ok: false, reason: 'over_budget', overdrawn: { kind: 'refusals', used: 20, cap: 20 } });
    expect((await ledger.journal(id)).filter(({ kind }) => kind === 'refused')).toHaveLength(49);
  });

  it('a session places no more holds than it may, from two handles; who attaches to one is charged nothing', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const place = (n: number) => {
      const intent = intentOf(id, { canonical: JSON.stringify({ path: `${n}.txt` }) });
      return (n % 2 ? ledger : other).place(placingOf(intent, { approvals: 3 }));
    };
    const placed = await Promise.all(Array.from({ length: 8 }, (_, n) => place(n)));
    const won = placed.findIndex(({ found }) => found === 'hold');
    expect(placed.filter(({ found }) => found === 'hold')).toHaveLength(3);
    const over = { found: 'over_budget', overdrawn: { kind: 'approvals', used: 3, cap: 3 } };
    expect(placed.filter(({ found }) => found !== 'hold')).toEqual(Array.from({ length: 5 }, () => over));
    expect(await place(won)).toMatchObject({ found: 'hold' });
    expect(await usedOf(ledger, id)).toMatchObject({ approvals: 3 });
    expect(await ledger.holds({ open: true }, START)).toHaveLength(3);
  });

  it.each(['tool_error', 'rpc_error', 'unknown', 'not_sent'] as const)(
    'a call that ended %s is a retry when it is made again, in any number at once',
    async (outcome) => {
      const { ledger } = bench();
      const other = await bench().second();
      const id = await enter(ledger);
      const caps = { retries: 3 };
      const first = intentOf(id, { caps });
      expect(await ledger.commit(first)).toMatchObject({ ok: true });
      expect(await ledger.commit(intentOf(id, { caps }))).toMatchObject({ ok: true });
      await ledger.settle(settlementOf(first, { outcome }));
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) => (n % 2 ? ledger : other).commit(intentOf(id, { caps }))),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
      for (const answer of answers.filter(({ ok }) => !ok))
        expect(overdrawnIn(answer)).toEqual({ kind: 'retries', used: 3, cap: 3 });
      const unlike = intentOf(id, { caps, digest: 'sha256:other' });
      expect(await ledger.commit(unlike)).toMatchObject({ ok: true });
      expect(await usedOf(ledger, id)).toMatchObject({ calls: 6, retries: 3 });
      const charged = (await ledger.journal(id)).map(({ body }) => (body['claims'] as object | undefined) ?? {});
      expect(charged.filter((claims) => 'retries' in claims)).toHaveLength(3);
    },
  );

  it.each(['ok', 'withheld'] as const)(
    'a call that ended %s is no retry when it is made again, nor are those after it',
    async (outcome) => {
      const { ledger } = bench();
      const id = await enter(ledger);
      const caps = { retries: 1 };
      const [failed, retried] = [intentOf(id, { caps }), intentOf(id, { caps })];
      await ledger.commit(failed);
      await ledger.settle(settlementOf(failed, { outcome: 'rpc_error' }));
      await ledger.commit(retried);
      await ledger.settle(settlementOf(retried, { outcome }));
      for (let n = 0; n < 3; n++) expect(await ledger.commit(intentOf(id, { caps }))).toMatchObject({ ok: true });
      expect(await usedOf(ledger, id)).toMatchObject({ retries: 1 });
    },
  );

  it('of 50 calls of three sessions of one principal at once, from two handles, exactly 30 run', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const ids = await sessions(ledger, 3);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        (n % 2 ? ledger : other).commit(intentOf(ids[n % 3] ?? '', { principalCaps: [CALLS] })),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(30);
    for (const answer of answers.filter(({ ok }) => !ok)) {
      const window = { within: HOUR, endsAt: START + HOUR };
      expect(overdrawnIn(answer)).toEqual({ kind: 'calls', used: 30, cap: 30, window });
    }
    const used = await Promise.all(ids.map((id) => usedOf(ledger, id)));
    expect(used.reduce((sum, one) => sum + (one?.['calls'] ?? 0), 0)).toBe(30);
  });

  it("a principal's budget is of one principal and one profile, and outlives its sessions", async () => {
    const { ledger } = bench();
    const principalCaps = [{ ...CALLS, most: 1 }];
    const id = await enter(ledger);
    expect(await ledger.commit(intentOf(id, { principalCaps }))).toMatchObject({ ok: true });
    await ledger.change(id, 'complete', 'ada', 'done', START);
    const again = await enter(await bench().reopen());
    const anew = await bench().second();
    expect(overdrawnIn(await anew.commit(intentOf(again, { principalCaps })))?.used).toBe(1);
    const others = [
      { ...KEY, profile: 'another' },
      { ...KEY, principal: agentOf('eve') },
      { ...KEY, principal: { ...KEY.principal, tenant: 'other' } },
    ];
    for (const key of others) {
      const session = await enter(anew, key);
      expect(await anew.commit(intentOf(session, { principalCaps }))).toMatchObject({ ok: true });
    }
  });

  it("a principal's window begins with its first charge and refills when it ends, not when a clock is set back", async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const principalCaps = [{ ...CALLS, most: 2 }];
    const at = (time: number) => ledger.commit(intentOf(id, { at: time, principalCaps }));
    expect(await at(START)).toMatchObject({ ok: true });
    expect(await at(START + HOUR - 1)).toMatchObject({ ok: true });
    expect((await at(START + HOUR - 1)).ok).toBe(false);
    expect((await at(START - 10 * HOUR)).ok).toBe(false);
    expect(await at(START + HOUR)).toMatchObject({ ok: true });
    expect(await at(START - 10 * HOUR)).toMatchObject({ ok: true });
    const full = await at(START + HOUR + MINUTE);
    expect(overdrawnIn(full)?.window?.endsAt).toBe(START + 2 * HOUR);
  });

  it('what one cap refuses is charged to no other', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const searches = { kind: 'searches', most: 1, within: HOUR };
    const search = () =>
      ledger.commit(intentOf(id, { claims: { calls: 1, searches: 1 }, principalCaps: [CALLS, searches] }));
    expect(await search()).toMatchObject({ ok: true });
    expect((await search()).ok).toBe(false);
    for (let n = 1; n < 30; n++)
      expect(await ledger.commit(intentOf(id, { principalCaps: [CALLS] }))).toMatchObject({ ok: true });
    expect((await ledger.commit(intentOf(id, { principalCaps: [CALLS] }))).ok).toBe(false);
    expect(await usedOf(ledger, id)).toMatchObject({ calls: 30, searches: 1 });
  });

  it('of 12 sessions of one principal opened at once, from two handles, 5 are; they go on, and one that ends makes room', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const open = (n: number, on = n % 2 ? ledger : other) =>
      on.enter({ ...KEY, folder: `/work/${n}` }, START, { mostSessions: 5 });
    const opened = await Promise.all(Array.from({ length: 12 }, (_, n) => open(n)));
    expect(opened.filter(({ ok }) => ok)).toHaveLength(5);
    const refused = { ok: false, error: { kind: 'sessions', used: 5, cap: 5 } };
    expect(opened.filter(({ ok }) => !ok)).toEqual(Array.from({ length: 7 }, () => refused));
    const live = opened.flatMap((one, n) => (one.ok ? [{ n, id: one.value.session.id }] : []));
    for (const { n, id } of live) {
      const again = await open(n, await bench().second());
      expect(again.ok && again.value.session.id).toBe(id);
    }
    expect(await ledger.enter({ ...KEY, profile: 'other' }, START, { mostSessions: 5 })).toMatchObject({ ok: true });
    expect(await ledger.enter({ ...KEY, principal: agentOf('eve') }, START, { mostSessions: 5 })).toMatchObject({
      ok: true,
    });
    await ledger.change(live[0]?.id ?? '', 'pause', 'ada', 'wait', START);
    expect((await open(20)).ok).toBe(false);
    await ledger.change(live[0]?.id ?? '', 'complete', 'ada', 'done', START);
    expect(await open(20)).toMatchObject({ ok: true });
    expect((await open(21)).ok).toBe(false);
  });

  it('one session entered by many at once is one, whatever is left to open', async () => {
    const { ledger } = bench();
    const handles = [ledger, await bench().second(), await bench().second()];
    const found = await Promise.all(
      Array.from({ length: 12 }, (_, n) => handles[n % 3]?.enter(KEY, START, { mostSessions: 1 })),
    );
    expect(new Set(found.map((one) => one?.ok === true && one.value.session.id)).size).toBe(1);
    expect(found.every((one) => one?.ok)).toBe(true);
  });

  it('what a call did not spend is given back, once; what nobody claimed never is', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const caps = { spend: 100 };
    const claims = { calls: 1, spend: 60 };
    const first = intentOf(id, { claims, caps });
    await ledger.commit(first);
    expect(overdrawnIn(await ledger.commit(intentOf(id, { claims, caps })))?.used).toBe(60);
    await ledger.settle(settlementOf(first, { unspent: { spend: 40 } }));
    await ledger.settle(settlementOf(first, { unspent: { spend: 20 } }));
    expect(await usedOf(await bench().second(), id)).toMatchObject({ spend: 20 });
    const second = intentOf(id, { claims, caps });
    expect(await ledger.commit(second)).toMatchObject({ ok: true });
    for (const spend of [81, -1, 0.5, Number.NaN]) {
      await expect(ledger.settle(settlementOf(second, { unspent: { spend } }))).rejects.toThrow(LedgerFault);
    }
    expect(await usedOf(ledger, id)).toMatchObject({ spend: 80 });
    const outcomes = (await ledger.journal(id)).filter(({ kind }) => kind === 'outcome');
    expect(outcomes.map(({ body }) => body['unspent'])).toEqual([{ spend: 40 }]);
  });

  it('a clock set forward or back gives a session nothing back', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const caps = { calls: 2, runtime: 10_000 };
    const [ahead, back] = [START + 1_000 * HOUR, START - 1_000 * HOUR];
    const first = intentOf(id, { caps });
    await ledger.commit(first);
    await ledger.settle(settlementOf(first, { at: START + 4_000 }));
    const second = intentOf(id, { at: ahead, caps });
    expect(await ledger.commit(second)).toMatchObject({ deadline: ahead + 6_000 });
    await ledger.settle(settlementOf(second, { at: back }));
    for (const at of [ahead, back, START])
      expect(overdrawnIn(await ledger.commit(intentOf(id, { at, caps })))).toEqual({ kind: 'calls', used: 2, cap: 2 });
    const wider = { calls: 9, runtime: 4_000 };
    for (const at of [ahead, back, START])
      expect(overdrawnIn(await ledger.commit(intentOf(id, { at, caps: wider })))?.kind).toBe('runtime');
    expect((await entered(await bench().second(), back)).used).toMatchObject({ calls: 2, runtime: 4_000 });
  });
}
