import { expect, it } from 'vitest';
import { HOLDS_PER_PRINCIPAL } from '../../src/domain/hold.ts';
import { canonical } from '../../src/domain/json.ts';
import type { Placing } from '../../src/domain/placing.ts';
import type { Intent } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import { type Terms, USUAL_TERMS } from '../../src/domain/terms.ts';
import {
  decisionOf,
  enter,
  grantOf,
  held,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

const HOUR = 60 * MINUTE;

/** A call whose approval must be like this. */
const asking = (intent: Intent, terms: Partial<Terms>, changes: Partial<Placing> = {}): Placing =>
  placingOf(intent, {
    needs: [{ kind: 'rule', rule: 'outbox.send.approval', reason: undefined, terms: { ...USUAL_TERMS, ...terms } }],
    ...changes,
  });

const other = (session: string, n: number, changes: Partial<Intent> = {}): Intent =>
  writeOf(session, { canonical: canonical({ n }), ...changes });

export function termsContract(bench: () => LedgerBench): void {
  it('two people must approve: the hold is open until the second did, and used within its time from then on', async () => {
    const { ledger } = bench();
    const intent = writeOf(await enter(ledger));
    const hold = await held(ledger, asking(intent, { quorum: 2, useWithin: 5 * MINUTE }));
    const [first, second] = [decisionOf('approve'), decisionOf('approve', { by: 'heidi', at: START + 30 * MINUTE })];
    expect(await ledger.decide(hold.id, first)).toMatchObject({ value: { state: 'open', expiresAt: hold.expiresAt } });
    const one = { ...intent, at: START + 2 * MINUTE, grant: grantOf(hold, first) };
    expect(await ledger.commit(one)).toEqual({ ok: false, reason: 'stale' });
    expect(await ledger.decide(hold.id, second)).toMatchObject({
      value: { state: 'approved', expiresAt: START + 35 * MINUTE, decisions: [first, second] },
    });
    const both = { ...intent, at: START + 31 * MINUTE, grant: grantOf(hold, first, second) };
    expect(await ledger.commit({ ...both, grant: grantOf(hold, second, first) })).toMatchObject({ reason: 'stale' });
    expect(await ledger.commit({ ...both, at: START + 35 * MINUTE })).toMatchObject({ reason: 'stale' });
    expect(await ledger.commit(both)).toMatchObject({ ok: true });
  });

  it('one person counts once, from two handles at once too', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const hold = await held(ledger, asking(writeOf(await enter(ledger)), { quorum: 2 }));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        (n % 2 ? ledger : second).decide(hold.id, decisionOf('approve', { nonce: `n${n}` })),
      ),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.find(({ ok }) => !ok)).toEqual({
      ok: false,
      error: `grace has approved the hold ${hold.id} already: others must, too.`,
    });
    expect(await ledger.hold(hold.id, START + 2 * MINUTE)).toMatchObject({
      state: 'open',
      decisions: [{ by: 'grace' }],
    });
  });

  it('one denial ends it, after an approval too', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const placing = asking(writeOf(id), { quorum: 3 });
    const hold = await held(ledger, placing);
    await ledger.decide(hold.id, decisionOf('approve'));
    const denied = decisionOf('deny', { by: 'heidi', because: 'not him' });
    expect(await ledger.decide(hold.id, denied)).toMatchObject({ value: { state: 'denied' } });
    expect(await ledger.decide(hold.id, decisionOf('approve', { by: 'ivan' }))).toMatchObject({ ok: false });
    expect(await held(ledger, { ...placing, at: START + 5 * HOUR })).toMatchObject({ id: hold.id, state: 'denied' });
    expect((await ledger.holdsOf(id, START)).holds).toMatchObject([{ state: 'denied', because: 'not him' }]);
  });

  it('an answer has its own time, which an approval that is not the last does not prolong', async () => {
    const { ledger } = bench();
    const hold = await held(ledger, asking(writeOf(await enter(ledger)), { quorum: 2, answerWithin: 2 * MINUTE }));
    expect(hold.expiresAt).toBe(START + 2 * MINUTE);
    expect(await ledger.decide(hold.id, decisionOf('approve'))).toMatchObject({ ok: true });
    const late = decisionOf('approve', { by: 'heidi', at: START + 2 * MINUTE });
    expect(await ledger.decide(hold.id, late)).toMatchObject({ ok: false, error: expect.stringContaining('lapsed') });
  });

  it('an approval for three calls runs three, whoever presents how many at once, each after the one before', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const id = await enter(ledger);
    const intent = writeOf(id, { at: START + 2 * MINUTE });
    const placing = asking(intent, { uses: 3 }, { at: START });
    const hold = await held(ledger, placing);
    await ledger.decide(hold.id, decisionOf('approve'));
    const ran: string[] = [];
    for (let round = 0; round < 4; round++) {
      const calls = Array.from({ length: 10 }, (_, n) => ({
        ...intent,
        call: `call_${round}_${n}`,
        grant: grantOf(hold),
      }));
      const answers = await Promise.all(calls.map((one, n) => (n % 2 ? ledger : second).commit(one)));
      const won = calls.filter((_, n) => answers[n]?.ok);
      for (const one of won) {
        // While it is in flight the identical call attaches to it.
        expect(await ledger.place({ ...placing, at: START + 2 * MINUTE })).toEqual({ found: 'call', call: one.call });
        await ledger.settle(settlementOf(one));
      }
      ran.push(...won.map(({ call }) => call));
      expect(await ledger.hold(hold.id, START + 3 * MINUTE)).toMatchObject({
        state: ran.length < 3 ? 'approved' : 'used',
      });
    }
    expect(ran).toHaveLength(3);
    expect((await ledger.hold(hold.id, START))?.usedBy).toEqual(ran);
    expect(await ledger.place({ ...placing, at: START + 4 * MINUTE })).toEqual({ found: 'call', call: ran[2] });
  });

  it('reads on one approval, which run beside each other, are no more than it lets', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const read = writeOf(await enter(ledger), { effect: 'read', at: START + 2 * MINUTE });
    const hold = await held(ledger, asking(read, { uses: 3 }, { at: START }));
    await ledger.decide(hold.id, decisionOf('approve'));
    const grant = grantOf(hold);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 ? ledger : second).commit({ ...read, call: `call_${n}`, grant })),
    );
    expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
    expect(new Set((await ledger.hold(hold.id, START))?.usedBy).size).toBe(3);
  });

  it('what an approval must be like is bound: with other terms a person is asked anew', async () => {
    const { ledger } = bench();
    const intent = writeOf(await enter(ledger));
    const hold = await held(ledger, asking(intent, {}));
    await ledger.decide(hold.id, decisionOf('approve'));
    const anew = await held(ledger, asking(intent, { quorum: 2 }, { at: START + 2 * MINUTE }));
    expect(anew).toMatchObject({ state: 'open', decisions: [], terms: { quorum: 2 } });
    expect(await ledger.hold(hold.id, START + 2 * MINUTE)).toMatchObject({ state: 'lapsed' });
  });

  it('all sessions of a principal together put so many calls to people within an hour, at once from two handles too', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const { most, within } = HOLDS_PER_PRINCIPAL;
    const sessions = await Promise.all(
      Array.from({ length: 8 }, (_, n) => enter(ledger, { ...KEY, folder: `/work/${n}` })),
    );
    const placings = sessions.flatMap((id) => [1, 2, 3, 4].map((n) => placingOf(other(id, n))));
    const placed = await Promise.all(placings.map((one, n) => (n % 2 ? ledger : second).place(one)));
    expect(placed.filter(({ found }) => found === 'hold')).toHaveLength(most);
    expect(placed.find(({ found }) => found === 'closed')).toEqual({
      found: 'closed',
      why: `${most} calls of all your sessions were put to people within an hour; the next can be at ${new Date(START + within).toISOString()}`,
    });
    expect(await ledger.holds({ open: false }, START)).toHaveLength(most);
    const [id = ''] = sessions;
    const again = placings[placed.findIndex(({ found }) => found === 'hold')] ?? placingOf(other(id, 1));
    expect(await ledger.place({ ...again, at: START + MINUTE })).toMatchObject({ found: 'hold' });
    const eve = { ...KEY, principal: agentOf('eve') };
    const hers = placingOf(other(await enter(ledger, eve), 1), { principal: eve.principal });
    expect(await ledger.place(hers)).toMatchObject({ found: 'hold' });
    const fresh = await enter(ledger, { ...KEY, folder: '/work/fresh' });
    const at = START + within;
    expect(await ledger.place(placingOf(other(fresh, 9), { at: at - 1 }))).toMatchObject({ found: 'closed' });
    expect(await ledger.place(placingOf(other(fresh, 9), { at }))).toMatchObject({ found: 'hold' });
  });

  it('a pause voids what was approved before it; what is open stays, and an answer during the pause counts', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const whole = await held(ledger, placingOf(other(id, 1)));
    const half = await held(ledger, asking(other(id, 2), { quorum: 2 }));
    const open = await held(ledger, placingOf(other(id, 3)));
    for (const { id: hold } of [whole, half]) await ledger.decide(hold, decisionOf('approve'));
    await ledger.change(id, 'pause', 'grace', 'look first', START + 2 * MINUTE);
    await ledger.decide(open.id, decisionOf('approve', { at: START + 3 * MINUTE }));
    await ledger.change(id, 'resume', 'grace', 'looked', START + 4 * MINUTE);
    const states = [];
    for (const { id: hold } of [whole, half, open]) states.push((await ledger.hold(hold, START + 5 * MINUTE))?.state);
    expect(states).toEqual(['lapsed', 'lapsed', 'approved']);
    const presented = { ...other(id, 1, { at: START + 5 * MINUTE }), grant: grantOf(whole) };
    expect(await ledger.commit(presented)).toEqual({ ok: false, reason: 'stale' });
    expect((await held(ledger, placingOf(presented))).id).not.toBe(whole.id);
  });

  it('so does a stop of such calls, after it was lifted too; what a stop is not about stands', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const stops = [
      { kind: 'all', key: '' },
      { kind: 'principal', key: 'local:agent-of:ada' },
      { kind: 'session', key: id },
      { kind: 'tool', key: 'outbox.send' },
      { kind: 'tool', key: 'outbox.burn' },
    ] as const;
    const stand = [];
    for (const [n, stopping] of stops.entries()) {
      const at = START + n * HOUR;
      const intent = other(id, n, { at: at + 5 * MINUTE });
      const hold = await held(ledger, placingOf(intent, { at }));
      const decision = decisionOf('approve', { at: at + MINUTE });
      await ledger.decide(hold.id, decision);
      const stop = await ledger.stop({ ...stopping, by: 'grace', why: 'look first', at: at + 2 * MINUTE });
      await ledger.lift(stop.ok ? stop.value.id : '', 'grace', 'looked', at + 3 * MINUTE);
      const committed = await ledger.commit({ ...intent, grant: grantOf(hold, decision) });
      stand.push(committed.ok);
      if (committed.ok) continue;
      expect(committed).toEqual({ ok: false, reason: 'stale' });
      expect((await held(ledger, placingOf(intent))).id).not.toBe(hold.id);
      expect(await ledger.hold(hold.id, intent.at)).toMatchObject({ state: 'lapsed' });
    }
    expect(stand).toEqual([false, false, false, false, true]);
  });
}
