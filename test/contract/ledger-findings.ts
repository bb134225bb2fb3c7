import { expect, it } from 'vitest';
import { type Finding, foundWords } from '../../src/domain/finding.ts';
import type { Demand } from '../../src/domain/history.ts';
import { canonical } from '../../src/domain/json.ts';
import type { Intent, Ledger } from '../../src/domain/ports.ts';
import {
  enter,
  entered,
  granted,
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

const found = (outcome: Finding['outcome'], changes: Partial<Finding> = {}): Finding => ({
  outcome,
  by: 'grace',
  at: START + 10 * MINUTE,
  why: 'Looked into the outbox.',
  nonce: 'n1',
  kid: 'k1',
  signature: 'signed',
  ...changes,
});

/** A call that was committed and never answered. */
async function lost(ledger: Ledger, session: string, changes: Partial<Intent> = {}): Promise<Intent> {
  const intent = writeOf(session, changes);
  const committed = await ledger.commit(intent);
  if (!committed.ok) throw new Error(committed.reason);
  await ledger.settle(settlementOf(intent, { outcome: 'unknown', body: { why: 'the server ended' } }));
  return intent;
}

const later = { at: START + 11 * MINUTE };

export function findingContract(bench: () => LedgerBench): void {
  it('a call without a known outcome waits for a person with all that it was; a read, and what has an outcome, do not', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const call = await lost(ledger, session, { agentReason: 'to say hello', body: { actors: ['bot'] } });
    const read = await lost(ledger, session, { effect: 'read', canonical: canonical({ n: 1 }) });
    const done = writeOf(session, { canonical: canonical({ n: 2 }) });
    await ledger.commit(done);
    await ledger.settle(settlementOf(done));
    const waiting = {
      id: call.call,
      session,
      principal: { ...KEY.principal, actors: ['bot'] },
      target: 'outbox.send',
      effect: 'write',
      digest: call.digest,
      effective: { path: 'notes.txt' },
      agentReason: 'to say hello',
      at: START,
      unknownSince: START + 1_000,
      lost: 'the server ended',
      finding: undefined,
    };
    for (const open of [() => ledger, () => bench().second(), () => bench().reopen()]) {
      const one = await open();
      expect(await one.unknowns({ open: true })).toEqual([waiting]);
      expect(await one.unknown(call.call)).toEqual(waiting);
      expect(await one.unknown(read.call)).toBeUndefined();
      expect(await one.unknown(done.call)).toBeUndefined();
    }
  });

  it('what was found to be executed is never sent again, and who repeats it is told by whom that is known', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const call = await lost(ledger, session);
    const finding = found('executed');
    expect(await ledger.resolve(call.call, finding)).toMatchObject({ ok: true, value: { id: call.call, finding } });
    const restarted = await bench().reopen();
    expect(await restarted.commit(writeOf(session, later))).toEqual({ ok: false, reason: 'repeated', call: call.call });
    expect(await restarted.place(placingOf(writeOf(session, later)))).toEqual({ found: 'call', call: call.call });
    expect(await restarted.recorded(call.call)).toEqual({
      at: finding.at,
      outcome: { outcome: 'executed', why: foundWords(finding) },
    });
    expect(await restarted.unknowns({ open: true })).toEqual([]);
    expect(await restarted.unknowns({ open: false })).toMatchObject([{ id: call.call, finding }]);
    expect(await restarted.madeCall(session, call.call)).toMatchObject({ outcome: 'executed' });
  });

  it('what was found not to be executed may be made again, once, and stays charged', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const call = await lost(ledger, session);
    expect(await ledger.commit(writeOf(session, later))).toMatchObject({ reason: 'repeated' });
    expect(await ledger.resolve(call.call, found('not_executed'))).toMatchObject({ ok: true });
    expect((await ledger.look(session, later.at))?.used['calls']).toBe(1);
    const again = await Promise.all([1, 2, 3].map(() => ledger.commit(writeOf(session, later))));
    expect(again.map((one) => (one.ok ? 'made' : one.reason)).toSorted()).toEqual(['made', 'repeated', 'repeated']);
    expect((await ledger.look(session, later.at))?.used['calls']).toBe(2);
  });

  it('a call that a person approved is asked about anew once it is known not to have been executed', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const presented = await granted(ledger, writeOf(session));
    expect(await ledger.commit(presented)).toMatchObject({ ok: true });
    await ledger.settle(settlementOf(presented, { outcome: 'unknown' }));
    const placing = placingOf(writeOf(session, later));
    expect(await ledger.place(placing)).toEqual({ found: 'call', call: presented.call });
    expect(await ledger.resolve(presented.call, found('not_executed'))).toMatchObject({ ok: true });
    const hold = await held(ledger, placing);
    expect([hold.state, hold.id === presented.grant?.hold]).toEqual(['open', false]);
  });

  it.each(['executed', 'not_executed'] as const)(
    'a rule over earlier calls takes one that was found %s for that',
    async (outcome) => {
      const { ledger } = bench();
      const session = await enter(ledger);
      const call = await lost(ledger, session);
      const base = {
        rule: 'r',
        per: 'session',
        target: 'outbox.send',
        where: [],
        reason: 'no',
        remedy: undefined,
      } as const;
      const demands: Readonly<Record<string, Demand>> = {
        after: { ...base, kind: 'after', within: undefined, since: undefined },
        not_after: { ...base, kind: 'not_after', within: undefined },
        limit: { ...base, kind: 'limit', within: 60 * MINUTE, field: undefined, adds: 1, most: 1 },
      };
      const met = async (): Promise<readonly string[]> => {
        const names: string[] = [];
        for (const [name, demand] of Object.entries(demands)) {
          const next = intentOf(session, { ...later, demands: [demand] });
          if ((await ledger.unmet(next, [demand], later.at)) === undefined) names.push(name);
        }
        return names;
      };
      expect(await met()).toEqual([]);
      await ledger.resolve(call.call, found(outcome));
      expect(await met()).toEqual(outcome === 'executed' ? ['after'] : ['not_after', 'limit']);
    },
  );

  it('a call that is made again after it was not executed is a retry; one after an executed one is none', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const caps = { retries: 5 };
    const call = await lost(ledger, session, { caps });
    await ledger.resolve(call.call, found('not_executed'));
    const again = writeOf(session, { ...later, caps });
    expect(await ledger.commit(again)).toMatchObject({ ok: true });
    expect((await ledger.look(session, later.at))?.used['retries']).toBe(1);
  });

  it('of two people who answer at once the first is heard, on whatever replica, and the journal has that answer alone', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const call = await lost(ledger, session);
    const answers = await Promise.all([
      ledger.resolve(call.call, found('executed')),
      ledger.resolve(call.call, found('not_executed', { by: 'heidi', nonce: 'n2' })),
    ]);
    expect(answers.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
    const [winner] = answers.flatMap((one) => (one.ok ? [one.value.finding] : []));
    const [said] = answers.flatMap((one) => (one.ok ? [] : [one.error]));
    expect(said).toMatch(new RegExp(`^${winner?.by} found out already that the call ${call.call} was `));
    const entries = (await ledger.journal(session)).filter(({ kind }) => kind === 'found');
    const { target, digest } = call;
    expect(entries).toMatchObject([{ call: call.call, at: winner?.at, body: { target, digest, ...winner } }]);
    expect(await ledger.verify()).toEqual([]);
  });

  it('a process that only visits the ledger settles nothing, and what is settled cannot be found out', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const call = await lost(ledger, session);
    const visitor = await bench().second();
    await expect(visitor.resolve(call.call, found('not_executed'))).rejects.toThrow('Only an owner');
    expect(await ledger.commit(writeOf(session, later))).toMatchObject({ reason: 'repeated' });
    const done = writeOf(session, { canonical: canonical({ n: 2 }) });
    await ledger.commit(done);
    const refused = { ok: false, error: `No call ${done.call} waits for a person to find out its outcome.` };
    expect(await ledger.resolve(done.call, found('executed'))).toEqual(refused);
    await ledger.settle(settlementOf(done));
    expect(await ledger.resolve(done.call, found('executed'))).toEqual(refused);
    expect(await ledger.resolve('call_none', found('executed'))).toMatchObject({ ok: false });
  });

  it('an outcome that arrives late does not change what a person found', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const call = await lost(ledger, session);
    await ledger.resolve(call.call, found('executed'));
    await ledger.settle(settlementOf(call, { outcome: 'not_sent', at: later.at }));
    expect(await ledger.commit(writeOf(session, later))).toMatchObject({ reason: 'repeated' });
  });

  it('the question goes over to the session that follows', async () => {
    const { ledger } = bench();
    const { session } = await entered(ledger, START, KEY, 60 * MINUTE);
    const call = await lost(ledger, session.id);
    const at = START + 61 * MINUTE;
    const next = await entered(ledger, at, KEY, 60 * MINUTE);
    expect(next.session.id).not.toBe(session.id);
    expect(await ledger.commit(writeOf(next.session.id, { at }))).toMatchObject({ reason: 'repeated' });
    expect(await ledger.resolve(call.call, found('not_executed', { at }))).toMatchObject({ ok: true });
    expect(await ledger.commit(writeOf(next.session.id, { at }))).toMatchObject({ ok: true });
  });

  it('whoever waits for the call, or for any unknown outcome, hears of both the loss and the finding', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const signal = AbortSignal.timeout(10_000);
    const raised = ledger.changed('outcomes', signal);
    const call = await lost(ledger, session);
    await raised;
    const heard = Promise.all([ledger.changed('outcomes', signal), ledger.changed(`call:${call.call}`, signal)]);
    await ledger.resolve(call.call, found('executed'));
    await heard;
    expect(signal.aborted).toBe(false);
  });
}
