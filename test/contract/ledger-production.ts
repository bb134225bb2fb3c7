import { expect, it } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import type { Need } from '../../src/domain/policy.ts';
import type { Intent, Ledger } from '../../src/domain/ports.ts';
import { opened, productionNeed } from '../../src/domain/production.ts';
import {
  decisionOf,
  enter,
  entered,
  grantOf,
  held,
  intentOf,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  writeOf,
} from './ledger-bench.ts';

const NEED = productionNeed('files');
const OPEN = opened([NEED]);

const reaching = (session: string, path: string, changes: Partial<Intent> = {}): Intent =>
  intentOf(session, { canonical: `{"path":"${path}"}`, production: 'files', at: START + 2 * MINUTE, ...changes });

const waiting = (ledger: Ledger, intent: Intent, ...needs: readonly Need[]): Promise<Hold> =>
  held(ledger, placingOf(intent, { needs: needs.length === 0 ? [NEED] : needs }));

const presenting = (intent: Intent, hold: Hold): Intent => ({
  ...intent,
  grant: { ...grantOf(hold), extend: OPEN },
});

/** A session that a person let reach it, with the call that did. */
async function agreed(ledger: Ledger): Promise<{ readonly id: string; readonly hold: Hold }> {
  const id = await enter(ledger);
  const first = reaching(id, 'first');
  const hold = await waiting(ledger, first);
  expect(await ledger.decide(hold.id, decisionOf('approve'))).toMatchObject({ ok: true });
  expect(await ledger.commit(presenting(first, hold))).toMatchObject({ ok: true });
  return { id, hold };
}

export function productionContract(bench: () => LedgerBench): void {
  it('no call reaches production before a person agreed, whatever it was decided by', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    expect(await ledger.commit(reaching(id, 'a'))).toEqual({ ok: false, reason: 'stale' });
    const intent = reaching(id, 'b');
    const hold = await waiting(ledger, intent);
    expect(await ledger.commit(presenting(intent, hold))).toEqual({ ok: false, reason: 'stale' });
    await ledger.decide(hold.id, decisionOf('approve'));
    const { grant } = presenting(intent, hold);
    if (grant === undefined) throw new Error('a grant is presented');
    for (const wrong of [
      { ...grant, extend: {} },
      { ...grant, extend: opened([productionNeed('crm')]) },
    ])
      expect(await ledger.commit({ ...intent, grant: wrong })).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.look(id, START)).toMatchObject({ extended: {}, used: { runtime: 0 } });
    expect((await ledger.journal(id)).some(({ kind }) => kind === 'intent')).toBe(false);
  });

  it('the call that a person agreed to opens it to its session, for good and on every handle', async () => {
    const { ledger } = bench();
    const { id } = await agreed(ledger);
    const other = await bench().second();
    expect(await ledger.commit(reaching(id, 'second'))).toMatchObject({ ok: true });
    expect(await other.commit(reaching(id, 'third'))).toMatchObject({ ok: true });
    expect(await other.commit(reaching(id, 'x', { production: 'crm' }))).toEqual({ ok: false, reason: 'stale' });
    await ledger.close();
    const again = await bench().reopen();
    expect((await entered(again, START)).extended).toEqual(OPEN);
    expect(await again.commit(reaching(id, 'fourth'))).toMatchObject({ ok: true });
    const intents = (await again.journal(id)).filter(({ kind }) => kind === 'intent');
    expect(intents.map(({ body }) => (body['grant'] as { extend?: object } | undefined)?.extend)).toEqual([
      OPEN,
      ...[undefined, undefined, undefined],
    ]);
  });

  it('it is not open to a session that follows, nor to another of the same caller', async () => {
    const { ledger } = bench();
    const { id } = await agreed(ledger);
    const later = START + 10 * MINUTE;
    const next = await entered(ledger, later, undefined, 5 * MINUTE);
    expect(next.session.lineage).toBe(id);
    expect(next).toMatchObject({ extended: {} });
    expect(await ledger.commit(reaching(next.session.id, 'a', { at: later }))).toEqual({ ok: false, reason: 'stale' });
  });

  it('what else waited for that yes waits no more, and what was answered or waits for another stays', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const first = reaching(id, 'first');
    const hold = await waiting(ledger, first);
    await ledger.decide(hold.id, decisionOf('approve'));
    const answered = await waiting(ledger, reaching(id, 'answered'));
    await ledger.decide(answered.id, decisionOf('approve'));
    const same = await waiting(ledger, reaching(id, 'same'));
    const rule: Need = { kind: 'rule', rule: 'files.read.approval', reason: undefined };
    const both = await waiting(ledger, reaching(id, 'both'), rule, NEED);
    const crm = await waiting(ledger, reaching(id, 'crm'), productionNeed('crm'));
    const plain = await waiting(ledger, writeOf(id, { canonical: '{"path":"plain"}' }), rule);
    const changed = ledger.changed(`hold:${same.id}`, AbortSignal.timeout(20_000));
    expect(await ledger.commit(presenting(first, hold))).toMatchObject({ ok: true });
    await changed;
    const states = await Promise.all(
      [hold, answered, same, both, crm, plain].map((one) => ledger.hold(one.id, first.at)),
    );
    expect(states.map((one) => one?.state)).toEqual(['used', 'approved', 'lapsed', 'lapsed', 'open', 'open']);
    const voided = (await ledger.journal(id)).filter(({ body }) => body['state'] === 'lapsed');
    expect(voided.map(({ body }) => body['why'])).toEqual([
      'the session may reach files by now',
      'the session may reach files by now',
    ]);
  });
}
