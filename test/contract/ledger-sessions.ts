import { expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import { agentOf } from '../../src/domain/principal.ts';
import {
  decisionOf,
  enter,
  entered,
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

export function sessionContract(bench: () => LedgerBench): void {
  it('a returning caller joins the live session, also after a restart', async () => {
    const first = await entered(bench().ledger, START);
    const again = await entered(bench().ledger, START + 5, { ...KEY });
    const restarted = await entered(await bench().reopen(), START + 9);
    expect(first.session).toMatchObject({ ...KEY, state: 'running', openedAt: START });
    expect([again.session, restarted.session]).toEqual([first.session, first.session]);
    expect(again.at).toBe(START + 5);
  });

  it('another principal, client, tenant, profile or folder is another session', async () => {
    const { principal } = KEY;
    const keys = [
      KEY,
      { ...KEY, principal: agentOf('eve') },
      { ...KEY, principal: { ...principal, client: 'other' } },
      { ...KEY, principal: { ...principal, tenant: 'other' } },
      { ...KEY, principal: { ...principal, issuer: 'https://login.example.com' } },
      { ...KEY, profile: 'other' },
      { ...KEY, folder: undefined },
    ];
    const ids: string[] = [];
    for (const key of keys) ids.push(await enter(bench().ledger, key));
    expect(new Set(ids).size).toBe(keys.length);
    expect((await bench().ledger.sessions(START)).map((snapshot) => snapshot.session.id)).toEqual(ids.toReversed());
  });

  it('many first calls at once, here and from another handle, open one session', async () => {
    const other = await bench().second();
    const ledgers = Array.from({ length: 20 }, (_, index) => (index % 2 ? other : bench().ledger));
    expect(new Set(await Promise.all(ledgers.map((ledger) => enter(ledger)))).size).toBe(1);
  });

  it('finding a session opens none, and finds the live one, also a paused one', async () => {
    const { ledger } = bench();
    expect(await ledger.find(KEY, START)).toBeUndefined();
    expect(await ledger.sessions(START)).toEqual([]);
    const { session } = await entered(ledger, START);
    expect((await ledger.find({ ...KEY }, START))?.session).toEqual(session);
    expect(await ledger.find({ ...KEY, folder: 'elsewhere' }, START)).toBeUndefined();
    await ledger.change(session.id, 'pause', 'grace', 'look first', START);
    expect((await ledger.find(KEY, START))?.session).toMatchObject({ id: session.id, state: 'paused' });
    await ledger.change(session.id, 'complete', 'grace', 'done', START);
    expect(await ledger.find(KEY, START)).toBeUndefined();
  });

  it('questions are counted in their session and journalled, never one more than allowed, whoever asks at once', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const session = await enter(ledger);
    const asking = (at: number) => ({
      draft: { session, kind: 'asked' as const, call: 'call_1', at, body: { server: 'crm' } },
      kind: 'asked.crm.sampling',
      max: 5,
    });
    const asked = await Promise.all(
      Array.from({ length: 20 }, (_, index) => (index % 2 ? other : ledger).ask(asking(START + index))),
    );
    expect(asked.filter(Boolean)).toHaveLength(5);
    const used = async () => (await ledger.look(session, START))?.used['asked.crm.sampling'];
    await expect.poll(used, { timeout: 10_000 }).toBe(5); // what others counted may be seen a second later
    const entries = (await ledger.journal(session)).filter((entry) => entry.kind === 'asked');
    expect(entries).toHaveLength(5);
    expect(entries[0]).toMatchObject({ call: 'call_1', body: { server: 'crm' } });
    expect(await ledger.ask({ ...asking(START), max: undefined })).toBe(true);
    expect(await ledger.verify()).toEqual([]);
  });

  it('an opening is written in the chain of the session and in that of the gateway', async () => {
    const id = await enter(bench().ledger);
    expect(await bench().ledger.journal(id)).toMatchObject([{ seq: 1, kind: 'opened', at: START }]);
    const gateway = await bench().ledger.journal(GATEWAY_CHAIN);
    expect(gateway).toMatchObject([{ seq: 1, kind: 'opened', body: { session: id } }]);
  });

  it('a paused session runs nothing until it is resumed', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    expect(await ledger.change(id, 'pause', 'grace', 'look first', START)).toMatchObject({
      value: { state: 'paused' },
    });
    expect(await ledger.commit(intentOf(id))).toEqual({ ok: false, reason: 'session_paused' });
    expect((await entered(ledger, START)).session).toMatchObject({ id, state: 'paused' });
    await ledger.change(id, 'resume', 'grace', 'fine', START);
    expect(await ledger.commit(intentOf(id))).toMatchObject({ ok: true });
    const states = (await ledger.journal(id)).filter((entry) => entry.kind === 'state');
    expect(states.map((entry) => entry.body)).toEqual([
      { verb: 'pause', from: 'running', to: 'paused', by: 'grace', why: 'look first' },
      { verb: 'resume', from: 'paused', to: 'running', by: 'grace', why: 'fine' },
    ]);
  });

  it('a completed session runs nothing, its holds are void, and the next call opens another', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const hold = await held(ledger, placingOf(writeOf(id)));
    await ledger.change(id, 'complete', 'grace', 'done', START);
    expect(await ledger.commit(intentOf(id))).toEqual({ ok: false, reason: 'session_over' });
    expect(await ledger.hold(hold.id, START)).toMatchObject({ state: 'lapsed' });
    expect(await ledger.decide(hold.id, decisionOf('approve'))).toMatchObject({ ok: false });
    expect(await ledger.place(placingOf(writeOf(id)))).toMatchObject({ found: 'closed' });
    expect(await enter(ledger)).not.toBe(id);
  });

  it('a verb that the state does not allow is refused with a sentence and leaves nothing', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.change(id, 'complete', 'grace', 'done', START);
    const before = await ledger.journal(id);
    expect(await ledger.change(id, 'resume', 'eve', 'again', START)).toEqual({
      ok: false,
      error: 'The session is completed; only a session that is paused can do this.',
    });
    expect(await ledger.change('s_none', 'pause', 'eve', '', START)).toMatchObject({ ok: false });
    expect(await ledger.journal(id)).toEqual(before);
  });

  it('a snapshot follows what this process commits and settles', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = intentOf(id, { claims: { calls: 1, searches: 2 } });
    await ledger.commit(intent);
    expect((await ledger.look(id, START + 400))?.used).toEqual({ calls: 1, searches: 2, runtime: 400 });
    await ledger.settle(settlementOf(intent));
    const after = await entered(ledger, START + MINUTE);
    expect(after.used).toEqual({ calls: 1, searches: 2, runtime: 1_000 });
    expect(await ledger.look('s_none', START)).toBeUndefined();
  });

  it('what another handle changed is seen with the next transaction, and a resume at once', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const id = await enter(ledger);
    await other.change(id, 'pause', 'grace', 'stop', START);
    expect(await ledger.commit(intentOf(id))).toEqual({ ok: false, reason: 'session_paused' });
    expect((await ledger.look(id, START))?.session.state).toBe('paused');
    await other.change(id, 'resume', 'grace', 'go', START);
    expect((await ledger.look(id, START))?.session.state).toBe('running');
  });
}
