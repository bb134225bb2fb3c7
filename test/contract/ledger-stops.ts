import { expect, it } from 'vitest';
import { GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import type { Stop, Stopping } from '../../src/domain/stop.ts';
import { enter, intentOf, KEY, type LedgerBench, START, settlementOf, writeOf } from './ledger-bench.ts';

const stoppingOf = (kind: Stopping['kind'], key = ''): Stopping => ({
  ...{ kind, key, by: 'grace', why: 'Look first.', at: START },
});

async function stopped(ledger: Ledger, kind: Stopping['kind'], key?: string): Promise<Stop> {
  const made = await ledger.stop(stoppingOf(kind, key));
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

export function stopContract(bench: () => LedgerBench): void {
  it.each([
    ['all', () => ''],
    ['principal', () => 'local:agent-of:ada'],
    ['session', (session: string) => session],
    ['server', () => 'outbox'],
    ['tool', () => 'outbox.send'],
  ] as const)(
    'a stop of %s refuses the very next commit on every process, also after a restart, until it is lifted',
    async (kind, keyOf) => {
      const other = await bench().second();
      const session = await enter(bench().ledger);
      expect(await other.commit(writeOf(session, { digest: 'before' }))).toMatchObject({ ok: true });
      const stop = await stopped(bench().ledger, kind, keyOf(session));
      const refused = { ok: false, reason: 'stopped', stop };
      expect(await other.commit(writeOf(session, { digest: 'one' }))).toEqual(refused);
      expect(await bench().ledger.commit(writeOf(session, { digest: 'one' }))).toEqual(refused);
      const restarted = await bench().reopen();
      expect(await restarted.commit(writeOf(session, { digest: 'one' }))).toEqual(refused);
      expect((await restarted.look(session, START))?.used['calls']).toBe(1);
      expect(await restarted.lift(stop.id, 'ada', 'looked', START + 1)).toMatchObject({ ok: true });
      expect(await restarted.commit(writeOf(session, { digest: 'one' }))).toMatchObject({ ok: true });
      expect(await other.commit(writeOf(session, { digest: 'two' }))).toMatchObject({ ok: true });
    },
  );

  it('a stop concerns what it names and nothing else', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const eve = await enter(ledger, { ...KEY, principal: agentOf('eve') });
    for (const [kind, key] of [
      ['principal', 'local:agent-of:eve'],
      ['session', eve],
      ['server', 'out'],
      ['tool', 'outbox'],
      ['tool', 'outbox.sen'],
    ] as const)
      await stopped(ledger, kind, key);
    expect(await ledger.commit(writeOf(session))).toMatchObject({ ok: true });
    expect(await ledger.commit(writeOf(eve))).toMatchObject({ ok: false, reason: 'stopped' });
    await stopped(ledger, 'server', 'crm');
    for (const target of ['crm.read', 'prompt crm.read', 'resource crm file:///a.b c'])
      expect(await ledger.commit(intentOf(session, { target })), target).toMatchObject({ reason: 'stopped' });
  });

  it('a stop of a call refuses its later rounds and the same call made again, and no other', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const intent = intentOf(session);
    await ledger.commit(intent);
    await ledger.settle(settlementOf(intent));
    const stop = await stopped(ledger, 'call', intent.call);
    expect(await ledger.commit(intentOf(session))).toEqual({ ok: false, reason: 'stopped', stop });
    expect(await ledger.commit(intentOf(session, { digest: 'other' }))).toMatchObject({ ok: true });
    const elsewhere = await enter(ledger, { ...KEY, folder: '/elsewhere' });
    expect(await ledger.commit(intentOf(elsewhere))).toMatchObject({ ok: true });
  });

  it('what is not there cannot be stopped or lifted, and nothing is lifted twice', async () => {
    const { ledger } = bench();
    expect(await ledger.stop(stoppingOf('session', 's_none'))).toEqual({
      ok: false,
      error: 'There is no session s_none.',
    });
    expect(await ledger.stop(stoppingOf('call', 'call_none'))).toEqual({
      ok: false,
      error: 'There is no call call_none.',
    });
    expect(await ledger.lift('st_none', 'ada', 'why', START)).toEqual({
      ok: false,
      error: 'There is no stop st_none.',
    });
    const { id } = await stopped(ledger, 'all');
    await ledger.lift(id, 'ada', 'looked', START + 1);
    expect(await ledger.lift(id, 'eve', 'again', START + 2)).toEqual({
      ok: false,
      error: `The stop ${id} is lifted already.`,
    });
    expect(await ledger.stopsStanding()).toEqual([]);
    expect(await ledger.stops()).toMatchObject([{ id, lifted: { by: 'ada', why: 'looked', at: START + 1 } }]);
  });

  it('stops and lifts are journalled, in the chain of what they concern', async () => {
    const { ledger } = bench();
    const session = await enter(ledger);
    const ofSession = await stopped(ledger, 'session', session);
    const ofAll = await stopped(ledger, 'all');
    await ledger.lift(ofSession.id, 'ada', 'looked', START + 1);
    const kinds = async (chain: string) => (await ledger.journal(chain)).map(({ kind, body }) => [kind, body['stop']]);
    expect(await kinds(session)).toEqual([
      ['opened', undefined],
      ['stopped', ofSession.id],
      ['lifted', ofSession.id],
    ]);
    expect(await kinds(GATEWAY_CHAIN)).toEqual([
      ['opened', undefined],
      ['stopped', ofAll.id],
    ]);
    expect(await ledger.verify()).toEqual([]);
  });

  it('what stands is heard of by every process, which is woken', async () => {
    const other = await bench().second();
    const { ledger } = bench();
    expect(await ledger.stopsStanding()).toEqual([]);
    const woken = ledger.changed('stops', AbortSignal.timeout(30_000));
    const stop = await stopped(other, 'server', 'crm');
    await woken;
    expect(await ledger.stopsStanding()).toEqual([stop]);
    const again = ledger.changed('stops', AbortSignal.timeout(30_000));
    await other.lift(stop.id, 'ada', 'looked', START);
    await again;
    expect(await ledger.stopsStanding()).toEqual([]);
  });

  it('no commit slips in between a stop and its answer, however many race it', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const session = await enter(ledger);
    const commits = Array.from({ length: 60 }, (_, index) =>
      (index % 2 ? other : ledger).commit(intentOf(session, { digest: `d${index}` })),
    );
    const stop = stopped(ledger, 'all');
    const late = stop.then(() =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) => other.commit(intentOf(session, { digest: `late${index}` }))),
      ),
    );
    await Promise.all(commits);
    expect((await late).filter(({ ok }) => ok)).toEqual([]);
    const entries = await ledger.journal(session);
    const used = (await (await bench().second()).look(session, START))?.used['calls'];
    expect(entries.filter(({ kind }) => kind === 'intent')).toHaveLength(used ?? -1);
  });

  it('nothing may be opened for what is stopped, paused or over', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const session = await enter(ledger);
    expect([await other.barred(session, 'crm'), await other.barred(undefined, 'crm')]).toEqual([undefined, undefined]);
    const stop = await stopped(ledger, 'server', 'crm');
    const stopping = { reason: 'stopped', stop };
    expect([await other.barred(session, 'crm'), await other.barred(undefined, 'crm')]).toEqual([stopping, stopping]);
    expect(await other.barred(session, 'outbox')).toBeUndefined();
    await ledger.change(session, 'pause', 'grace', 'lunch', START);
    expect(await other.barred(session, 'outbox')).toEqual({ reason: 'session_paused' });
    await ledger.change(session, 'complete', 'grace', 'done', START);
    expect(await other.barred(session, 'outbox')).toEqual({ reason: 'session_over' });
    await stopped(ledger, 'principal', 'local:agent-of:ada');
    expect(await other.barred(undefined, 'outbox')).toBeUndefined();
  });

  it('for the first call of a named session something may be opened, and once it is paused nothing', async () => {
    const { ledger } = bench();
    const description = { task: undefined, instructions: undefined, model: undefined, route: undefined };
    const made = await ledger.create({ ...KEY, description, mostSessions: undefined, by: 'grace', at: START });
    const id = made.ok ? made.value.session.id : '';
    expect(await ledger.barred(id, 'crm')).toBeUndefined();
    await ledger.change(id, 'pause', 'grace', 'lunch', START);
    expect(await ledger.barred(id, 'crm')).toEqual({ reason: 'session_paused' });
  });

  it('tells how many sessions stand at once, and wakes who waits for any of them', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const ids: string[] = [];
    for (let index = 0; index < 130; index++) ids.push(await enter(ledger, { ...KEY, folder: `/${index}` }));
    const woken = Promise.all([
      other.changed('sessions', AbortSignal.timeout(30_000)),
      other.changed(`session:${ids[120]}`, AbortSignal.timeout(30_000)),
    ]);
    await ledger.change(ids[120] ?? '', 'complete', 'grace', 'done', START);
    await woken;
    const states = await other.states([...ids, 's_none']);
    expect(states.size).toBe(130);
    expect([...states].filter(([, state]) => state !== 'running')).toEqual([[ids[120], 'completed']]);
  });
}
