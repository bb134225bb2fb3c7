import { expect, it } from 'vitest';
import { MICROS } from '../../src/domain/budget.ts';
import { LedgerFault } from '../../src/domain/ports.ts';
import {
  enter,
  granted,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

export function callContract(bench: () => LedgerBench): void {
  it('of 50 concurrent calls against a cap of 30, exactly 30 run, from two handles too', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? ledger : other).commit(intentOf(id, { caps: { calls: 30 } }))),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(30);
    for (const answer of answers.filter((each) => !each.ok)) {
      expect(answer).toEqual({ ok: false, reason: 'over_budget', overdrawn: { kind: 'calls', used: 30, cap: 30 } });
    }
    expect((await ledger.journal(id)).filter((entry) => entry.kind === 'intent')).toHaveLength(30);
  });

  it('spend adds up to the millionth', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const spend = (): Promise<{ ok: boolean }> =>
      ledger.commit(intentOf(id, { claims: { calls: 1, spend: 0.1 * MICROS }, caps: { spend: 0.3 * MICROS } }));
    expect((await Promise.all([spend(), spend(), spend(), spend()])).map((answer) => answer.ok)).toEqual([
      true,
      true,
      true,
      false,
    ]);
    expect((await ledger.look(id, START))?.used).toMatchObject({ spend: 300_000, calls: 3 });
  });

  it('a claim that is no whole positive amount is a fault and charges nothing', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    for (const spend of [-5, 0.5, Number.NaN]) {
      const intent = intentOf(id, { claims: { calls: 1, spend } });
      await expect(ledger.commit(intent)).rejects.toThrow(LedgerFault);
    }
    expect((await ledger.look(id, START))?.used).toEqual({ runtime: 0 });
  });

  it('one operation that fails in a batch harms only itself', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const twice = intentOf(id);
    const answers = await Promise.allSettled([
      ledger.commit(intentOf(id)),
      ledger.commit(twice),
      ledger.commit(twice),
      ledger.commit(intentOf(id)),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    expect((await ledger.look(id, START))?.used['calls']).toBe(3);
    expect(await ledger.verify()).toEqual([]);
  });

  it('runtime is the union of what was in flight, counts while it lasts, and shortens the deadline', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const caps = { runtime: 10_000 };
    const one = intentOf(id, { caps });
    const two = intentOf(id, { at: START + 2_000, caps });
    expect(await ledger.commit(one)).toMatchObject({ deadline: START + 10_000 });
    expect(await ledger.commit(two)).toMatchObject({ deadline: START + 10_000 });
    await ledger.settle(settlementOf(one, { at: START + 3_000 }));
    expect((await ledger.look(id, START + 3_500))?.used['runtime']).toBe(3_500);
    await ledger.settle(settlementOf(two, { at: START + 4_000 }));
    expect((await ledger.look(id, START + MINUTE))?.used['runtime']).toBe(4_000);
    const three = intentOf(id, { at: START + MINUTE, caps, timeout: 1_000 });
    expect(await ledger.commit(three)).toMatchObject({ deadline: START + MINUTE + 1_000 });
    await ledger.settle(settlementOf(three, { at: START + MINUTE + 6_000 }));
    expect(await ledger.commit(intentOf(id, { at: START + 2 * MINUTE, caps }))).toEqual({
      ok: false,
      reason: 'over_budget',
      overdrawn: { kind: 'runtime', used: 10_000, cap: 10_000 },
    });
  });

  it('a write that is in flight or ended unknown is not sent again; one that ended may be; a read always may', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const first = writeOf(id);
    const again = (): Promise<unknown> => ledger.commit(writeOf(id));
    await ledger.commit(first);
    expect(await again()).toEqual({ ok: false, reason: 'repeated', call: first.call });
    expect(await ledger.commit(writeOf(id, { digest: 'sha256:other' }))).toMatchObject({ ok: true });
    await ledger.settle(settlementOf(first, { outcome: 'unknown' }));
    expect(await again()).toEqual({ ok: false, reason: 'repeated', call: first.call });
    const other = writeOf(id, { digest: 'sha256:third' });
    await ledger.commit(other);
    await ledger.settle(settlementOf(other, { outcome: 'tool_error' }));
    expect(await ledger.commit({ ...other, call: 'call_again' })).toMatchObject({ ok: true });
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
  });

  it('a grant is redeemed once by 50 racing calls, from two handles too', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    const intent = await granted(ledger, writeOf(id));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 ? ledger : other).commit({ ...intent, call: `call_${n}` })),
    );
    const won = answers.findIndex((answer) => answer.ok);
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    const lost = new Set(answers.filter((answer) => !answer.ok).map((answer) => JSON.stringify(answer)));
    expect([...lost]).toEqual([JSON.stringify({ ok: false, reason: 'repeated', call: `call_${won}` })]);
    const used = await ledger.hold(intent.grant?.hold ?? '', intent.at);
    expect(used).toMatchObject({ state: 'used', usedBy: [`call_${won}`] });
  });

  it('a grant that is used, lapsed, signed otherwise or for another call is stale and stays unused', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = await granted(ledger, writeOf(id));
    const grant = intent.grant ?? { hold: '', binding: '', judged: '' };
    const wrong = [
      { ...intent, grant: { ...grant, binding: 'sha256:other' } },
      { ...intent, grant: { ...grant, judged: 'forged' } },
      { ...intent, grant: { ...grant, hold: 'h_none' } },
      { ...intent, digest: 'sha256:other' },
      { ...intent, target: 'outbox.burn' },
      { ...intent, session: await enter(ledger, { ...KEY, profile: 'x' }) },
      { ...intent, at: START + 31 * MINUTE },
    ];
    for (const each of wrong) expect(await ledger.commit(each)).toEqual({ ok: false, reason: 'stale' });
    expect((await ledger.look(id, START))?.used).toEqual({ approvals: 1, runtime: 0 });
    expect(await ledger.commit(intent)).toMatchObject({ ok: true });
    await ledger.settle(settlementOf(intent));
    expect(await ledger.commit({ ...intent, call: 'call_2' })).toEqual({ ok: false, reason: 'stale' });
  });

  it('an intent says in the journal what was charged and on which grant', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = await granted(ledger, writeOf(id, { claims: { calls: 1, spend: 7 } }));
    const committed = await ledger.commit(intent);
    const entry = (await ledger.journal(id)).at(-1);
    expect(committed).toMatchObject({ ok: true, entry: entry?.seq });
    const { target, effect, digest, claims, grant } = intent;
    expect(entry).toMatchObject({ kind: 'intent', call: intent.call, at: intent.at });
    expect(entry?.body).toEqual({ policy: 'sha256:1', target, effect, digest, claims, grant });
  });

  it('an outcome is kept for an identical call, with when it was reached; charges stay', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = writeOf(id);
    await ledger.commit(intent);
    expect(await ledger.recorded(intent.call)).toBeUndefined();
    const outcome = { outcome: 'ok', result: { content: [] } };
    await ledger.settle(settlementOf(intent, { recorded: JSON.stringify(outcome), body: { ms: 3 } }));
    const kept = await (await bench().reopen()).recorded(intent.call);
    expect(kept).toEqual({ at: START + 1_000, outcome });
  });

  it('nothing is kept where nothing was to be recorded, but an unknown outcome is known', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const [read, lost] = [intentOf(id), writeOf(id)];
    await Promise.all([ledger.commit(read), ledger.commit(lost)]);
    await ledger.settle(settlementOf(read));
    await ledger.settle(settlementOf(lost, { outcome: 'unknown' }));
    expect(await ledger.recorded(read.call)).toBeUndefined();
    expect(await ledger.content(read.call, 'result')).toBeUndefined();
    expect(await ledger.recorded(lost.call)).toMatchObject({ at: START + 1_000, outcome: { outcome: 'unknown' } });
    expect((await ledger.look(id, START))?.used['calls']).toBe(2);
  });

  it('the first outcome stands, whatever is reported later', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = writeOf(id);
    await ledger.commit(intent);
    await ledger.settle(settlementOf(intent, { outcome: 'unknown' }));
    const before = await ledger.journal(id);
    await ledger.settle(settlementOf(intent, { at: START + MINUTE, recorded: '{"outcome":"ok"}' }));
    expect(await ledger.recorded(intent.call)).toMatchObject({ at: START + 1_000, outcome: { outcome: 'unknown' } });
    expect(await ledger.journal(id)).toEqual(before);
    expect((await ledger.look(id, START + MINUTE))?.used['runtime']).toBe(1_000);
    await expect(ledger.settle(settlementOf(writeOf(id)))).rejects.toThrow(LedgerFault);
  });

  it('a call killed before its outcome is recovered as unknown, stays charged, and is not sent again', async () => {
    const id = await enter(bench().ledger);
    await bench().ledger.close();
    const [read, write] = [intentOf(id, { timeout: 5_000 }), writeOf(id, { at: START + 1_000 })];
    await bench().commitAndDie([read, write]);
    const ledger = await bench().reopen();
    expect((await ledger.look(id, START + 2_000))?.used).toEqual({ calls: 2, runtime: 2_000 });
    expect(await ledger.recover(START + 20_000)).toBe(2);
    expect(await ledger.recover(START + 30_000)).toBe(0);
    expect((await ledger.look(id, START + MINUTE))?.used).toEqual({ calls: 2, runtime: 20_000 });
    expect(await ledger.recorded(write.call)).toMatchObject({ at: START + 20_000, outcome: { outcome: 'unknown' } });
    expect(await ledger.commit(writeOf(id))).toEqual({ ok: false, reason: 'repeated', call: write.call });
    const outcomes = (await ledger.journal(id)).filter((entry) => entry.kind === 'outcome');
    expect(outcomes).toMatchObject([
      { call: read.call, body: { outcome: 'unknown', recovered: true } },
      { call: write.call, body: { outcome: 'unknown', recovered: true } },
    ]);
    expect(await ledger.verify()).toEqual([]);
  });

  it('what a dead process left in flight counts no longer than its deadline', async () => {
    const id = await enter(bench().ledger);
    await bench().ledger.close();
    await bench().commitAndDie([intentOf(id, { timeout: 5_000 })]);
    const ledger = await bench().reopen();
    await ledger.recover(START + 60 * MINUTE);
    expect((await ledger.look(id, START + 60 * MINUTE))?.used['runtime']).toBe(5_000);
  });

  it('a visitor may not recover: the calls in flight are not his', async () => {
    const visitor = await bench().second();
    await expect(visitor.recover(START)).rejects.toThrow(LedgerFault);
  });
}
