import { expect, it } from 'vitest';
import type { Amounts } from '../../src/domain/budget.ts';
import type { Hold } from '../../src/domain/hold.ts';
import type { Need } from '../../src/domain/policy.ts';
import type { Intent, Ledger } from '../../src/domain/ports.ts';
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
  settlementOf,
} from './ledger-bench.ts';

const CAPS = { calls: 2, searches: 5 };
const need = (kind: string): Need => ({ kind: 'budget', rule: `budgets.session.${kind}`, reason: undefined });

const asking = (ledger: Ledger, intent: Intent, ...kinds: readonly string[]): Promise<Hold> =>
  held(ledger, placingOf(intent, { needs: kinds.map(need) }));

/** A session whose calls are used up, and a call that waits for more. */
async function usedUp(ledger: Ledger): Promise<{ readonly id: string; readonly intent: Intent; readonly hold: Hold }> {
  const id = await enter(ledger);
  for (let n = 0; n < 2; n++) await ledger.commit(intentOf(id, { caps: CAPS }));
  const intent = intentOf(id, { caps: CAPS, at: START + 2 * MINUTE, canonical: '{"path":"more.txt"}' });
  return { id, intent, hold: await asking(ledger, intent, 'calls') };
}

const presenting = (intent: Intent, hold: Hold, extend: Amounts): Intent => ({
  ...intent,
  grant: { ...grantOf(hold, decisionOf('approve', { extend })), extend },
});

export function extensionContract(bench: () => LedgerBench): void {
  it('the call that uses an extension raises the caps of its session, for good and on every handle', async () => {
    const { ledger } = bench();
    const { id, intent, hold } = await usedUp(ledger);
    expect(await ledger.commit(intent)).toMatchObject({ ok: false, reason: 'over_budget' });
    expect(await ledger.decide(hold.id, decisionOf('approve', { extend: { calls: 3 } }))).toMatchObject({ ok: true });
    expect((await entered(ledger, START)).extended).toEqual({});
    expect(await ledger.commit(presenting(intent, hold, { calls: 3 }))).toMatchObject({ ok: true });
    const other = await bench().second();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => (n % 2 ? ledger : other).commit(intentOf(id, { caps: CAPS }))),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(2);
    expect(answers.find(({ ok }) => !ok)).toMatchObject({ overdrawn: { kind: 'calls', used: 5, cap: 5 } });
    await ledger.close();
    expect(await entered(await bench().reopen(), START)).toMatchObject({ extended: { calls: 3 }, used: { calls: 5 } });
  });

  it('an extension raises its session once, whoever presents it how often', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const { id, intent, hold } = await usedUp(ledger);
    await ledger.decide(hold.id, decisionOf('approve', { extend: { calls: 4 } }));
    const presented = presenting(intent, hold, { calls: 4 });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => (n % 2 ? ledger : other).commit({ ...presented, call: `call_${n}` })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await ledger.look(id, START))?.used['calls']).toBe(3);
    expect((await ledger.look(id, START))?.extended).toEqual({ calls: 4 });
  });

  it('an extension that was signed otherwise, or is for another call, raises nothing', async () => {
    const { ledger } = bench();
    const { id, intent, hold } = await usedUp(ledger);
    await ledger.decide(hold.id, decisionOf('approve', { extend: { calls: 1 } }));
    const presented = presenting(intent, hold, { calls: 1 });
    const { grant } = presented;
    if (grant === undefined) throw new Error('a grant is presented');
    for (const wrong of [
      { ...presented, grant: { ...grant, judged: 'forged' } },
      { ...presented, grant: { ...grant, binding: 'sha256:other' } },
      { ...presented, digest: 'sha256:other' },
      { ...presented, at: START + 40 * MINUTE },
    ])
      expect(await ledger.commit(wrong)).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.look(id, START)).toMatchObject({ extended: {}, used: { calls: 2 } });
  });

  it('an approval of a budget says how much, of every kind that is asked for and of no other', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const both = await asking(ledger, intentOf(id), 'calls', 'searches');
    const plain = await held(ledger, placingOf(intentOf(id, { canonical: '{"path":"plain.txt"}' })));
    const approve = (hold: Hold, extend?: Amounts) =>
      ledger.decide(hold.id, decisionOf('approve', extend === undefined ? {} : { extend }));
    const howMuch = `Say how much more: tollgate approve ${both.id} --extend calls=50 --extend searches=50.`;
    expect(await approve(both)).toEqual({ ok: false, error: howMuch });
    expect(await approve(both, { calls: 1 })).toEqual({ ok: false, error: howMuch });
    for (const odd of [0, -1, 0.5, Number.NaN])
      expect((await approve(both, { calls: odd, searches: 1 })).ok).toBe(false);
    expect(await approve(both, { calls: 1, searches: 1, spend: 1 })).toEqual({
      ok: false,
      error: `The hold ${both.id} does not ask for more of spend.`,
    });
    expect((await approve(plain, { calls: 1 })).ok).toBe(false);
    expect(await approve(plain)).toMatchObject({ ok: true });
    expect(await approve(both, { calls: 1, searches: 2 })).toMatchObject({ ok: true });
    const decided = (await ledger.journal(id)).filter(({ kind }) => kind === 'decided');
    expect(decided.map(({ body }) => body['extend'])).toEqual([undefined, { calls: 1, searches: 2 }]);
  });

  it('too small an extension leaves everything as it was', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = intentOf(id, { claims: { calls: 1, searches: 9 }, caps: CAPS, at: START + 2 * MINUTE });
    const hold = await asking(ledger, intent, 'searches');
    await ledger.decide(hold.id, decisionOf('approve', { extend: { searches: 3 } }));
    const answer = await ledger.commit(presenting(intent, hold, { searches: 3 }));
    expect(answer).toMatchObject({ overdrawn: { kind: 'searches', used: 0, cap: 8 } });
    expect(await ledger.look(id, START)).toMatchObject({ extended: {}, used: { runtime: 0 } });
    expect(await ledger.hold(hold.id, intent.at)).toMatchObject({ state: 'approved' });
  });

  it('runtime that a person added lengthens what a call may take', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const caps = { runtime: 10_000 };
    const first = intentOf(id, { caps });
    await ledger.commit(first);
    await ledger.settle(settlementOf(first, { at: START + 10_000 }));
    const intent = intentOf(id, { caps, at: START + 2 * MINUTE });
    const hold = await asking(ledger, intent, 'runtime');
    await ledger.decide(hold.id, decisionOf('approve', { extend: { runtime: 5_000 } }));
    const answer = await ledger.commit(presenting(intent, hold, { runtime: 5_000 }));
    expect(answer).toMatchObject({ ok: true, deadline: intent.at + 5_000 });
  });
}
