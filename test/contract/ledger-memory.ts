import { expect, it } from 'vitest';
import { MICROS } from '../../src/domain/budget.ts';
import { sha256 } from '../../src/domain/json.ts';
import {
  LARGEST_EVENT,
  MOST_EVENT_BYTES,
  MOST_EVENTS,
  type NewEvent,
  PAGE,
  PAGE_BYTES,
} from '../../src/domain/memory.ts';
import { LedgerFault } from '../../src/domain/ports.ts';
import {
  decisionOf,
  enter,
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

const eventOf = (session: string, changes: Partial<NewEvent> = {}): NewEvent => ({
  session,
  type: 'step',
  content: '"read the notes"',
  at: START,
  ...changes,
});

const text = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2));

export function memoryContract(bench: () => LedgerBench): void {
  it('what an agent writes down is read back in order, by another process too', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const written = await Promise.all(
      Array.from({ length: 30 }, (_, n) => ledger.addEvent(eventOf(id, { content: `${n}`, at: START + n }))),
    );
    expect(written).toEqual(Array.from({ length: 30 }, (_, n) => ({ ok: true, value: n + 1 })));
    const second = await bench().second();
    const { events, more } = await second.events(id, 10);
    expect(more).toBe(false);
    expect(events).toEqual(
      Array.from({ length: 20 }, (_, n) => ({ seq: n + 11, at: START + n + 10, type: 'step', content: `${n + 10}` })),
    );
    expect((await second.events(id, 30)).events).toEqual([]);
  });

  it('two handles that write at once get each a number of its own, and the chain is whole', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const id = await enter(ledger);
    const written = await Promise.all(
      Array.from({ length: 40 }, (_, n) => (n % 2 ? second : ledger).addEvent(eventOf(id))),
    );
    const numbers = written.map((one) => (one.ok ? one.value : 0)).toSorted((one, other) => one - other);
    expect(numbers).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
    expect(await ledger.verify()).toEqual([]);
  });

  it('the chain has the digest of an event and its name, never its content', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.addEvent(eventOf(id, { type: 'plan', content: '"the canary"' }));
    const entry = (await ledger.journal(id)).at(-1);
    expect(entry).toMatchObject({ kind: 'event', at: START });
    expect(entry?.body).toEqual({ event: 1, type: 'plan', digest: sha256('"the canary"') });
    expect(JSON.stringify(await ledger.journal(id))).not.toContain('canary');
  });

  it('an answer ends after so many events, or so many bytes, and says that more follow', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await Promise.all(Array.from({ length: PAGE + 1 }, () => ledger.addEvent(eventOf(id))));
    const whole = await ledger.events(id, 0);
    expect([whole.events.length, whole.more]).toEqual([PAGE, true]);
    const other = await enter(ledger, { ...KEY, profile: 'large' });
    const fit = Math.floor(PAGE_BYTES / LARGEST_EVENT);
    await Promise.all(
      Array.from({ length: fit + 4 }, () => ledger.addEvent(eventOf(other, { content: text(LARGEST_EVENT) }))),
    );
    const some = await ledger.events(other, 2);
    expect(some.events.map(({ seq }) => seq)).toEqual(Array.from({ length: fit + 1 }, (_, n) => n + 3));
    expect(some.more).toBe(true);
  });

  it('an event that is too large, or one too many, is refused and leaves nothing', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    expect(await ledger.addEvent(eventOf(id, { content: text(LARGEST_EVENT) }))).toEqual({ ok: true, value: 1 });
    const before = await ledger.journal(id);
    const tooLarge = await ledger.addEvent(eventOf(id, { content: text(LARGEST_EVENT + 1) }));
    expect(tooLarge).toEqual({ ok: false, error: 'event_too_large' });
    await bench().tamper(`UPDATE event SET total = ${MOST_EVENT_BYTES - 4} WHERE lineage = '${id}'`);
    expect(await ledger.addEvent(eventOf(id, { content: '12345' }))).toEqual({ ok: false, error: 'memory_full' });
    await bench().tamper(`UPDATE event SET seq = ${MOST_EVENTS}, total = 9 WHERE lineage = '${id}'`);
    const full = { ok: false, error: 'memory_full' };
    expect(await ledger.addEvent(eventOf(id))).toEqual(full);
    expect(await ledger.report({ session: id, class: 'low', amount: 1, why: 'model', at: START })).toEqual(full);
    expect(await ledger.journal(id)).toEqual(before);
    expect((await ledger.look(id, START))?.used['spend']).toBeUndefined();
  });

  it('a paused session is read and not written; so is one that is over', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.addEvent(eventOf(id));
    await ledger.change(id, 'pause', 'grace', 'lunch', START);
    const report = { session: id, class: 'low', amount: 1, why: 'model', at: START };
    expect(await ledger.addEvent(eventOf(id))).toEqual({ ok: false, error: 'session_paused' });
    expect(await ledger.report(report)).toEqual({ ok: false, error: 'session_paused' });
    await ledger.change(id, 'complete', 'grace', 'done', START);
    expect(await ledger.addEvent(eventOf(id))).toEqual({ ok: false, error: 'session_over' });
    expect(await ledger.report(report)).toEqual({ ok: false, error: 'session_over' });
    expect((await ledger.events(id, 0)).events).toHaveLength(1);
    expect((await ledger.look(id, START))?.used).toEqual({ runtime: 0 });
  });

  it('reported spend is charged whole, past the cap too, and then no call is made, not even a free one', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const report = (amount: number) =>
      ledger.report({ session: id, class: 'low', amount, why: 'the model', at: START + 5 });
    const caps = { spend: MICROS };
    await Promise.all([report(0.3 * MICROS), report(0.7 * MICROS)]);
    expect(await ledger.commit(intentOf(id, { caps }))).toMatchObject({ ok: true });
    const overdrawn = { kind: 'spend', used: MICROS, cap: MICROS };
    const costly = intentOf(id, { caps, claims: { calls: 1, spend: 1 } });
    expect(await ledger.commit(costly)).toEqual({ ok: false, reason: 'over_budget', overdrawn });
    expect(await report(1)).toEqual({ ok: true, value: 3 });
    expect(await ledger.commit(intentOf(id, { caps }))).toEqual({
      ok: false,
      reason: 'over_budget',
      overdrawn: { ...overdrawn, used: MICROS + 1 },
    });
    expect((await ledger.look(id, START))?.used['spend']).toBe(MICROS + 1);
  });

  it("reported spend is journalled as the agent's own word and read back among its events", async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await ledger.report({ session: id, class: 'low', amount: 20_000, why: 'a canary', at: START });
    const [event] = (await ledger.events(id, 0)).events;
    const content = '{"class":"low","amount":20000,"why":"a canary"}';
    expect(event).toEqual({ seq: 1, at: START, type: 'tollgate.reported', content });
    const entry = (await ledger.journal(id)).at(-1);
    expect(entry).toMatchObject({ kind: 'reported', body: { class: 'low', amount: 20_000, by: 'agent' } });
    expect(entry?.body['digest']).toBe(sha256(content));
    expect(JSON.stringify(entry)).not.toContain('canary');
  });

  it('reported spend that is no whole positive amount is a fault and charges nothing', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    for (const amount of [-5, 0, 0.5, Number.NaN]) {
      const report = ledger.report({ session: id, class: 'low', amount, why: '', at: START });
      await expect(report).rejects.toThrow(LedgerFault);
    }
    expect((await ledger.look(id, START))?.used).toEqual({ runtime: 0 });
    expect((await ledger.events(id, 0)).events).toEqual([]);
  });

  it('calls are listed with what became of them, the newest first, and only those of the session', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const other = await enter(ledger, { ...KEY, profile: 'other' });
    const [read, sent, open] = [intentOf(id), writeOf(id), intentOf(id, { at: START + 9 })];
    const foreign = writeOf(other);
    for (const intent of [read, sent, open, foreign]) await ledger.commit(intent);
    await ledger.settle(settlementOf(read));
    await ledger.settle(settlementOf(sent, { recorded: '{"outcome":"ok","result":{}}' }));
    const listed = [
      { id: open.call, target: 'files.read', at: START + 9, outcome: undefined, settledAt: undefined, kept: false },
      { id: sent.call, target: 'outbox.send', at: START, outcome: 'ok', settledAt: START + 1_000, kept: true },
      { id: read.call, target: 'files.read', at: START, outcome: 'ok', settledAt: START + 1_000, kept: false },
    ];
    expect(await ledger.calls(id, undefined)).toEqual({ calls: listed, more: false });
    expect(await ledger.calls(id, open.call)).toEqual({ calls: listed.slice(1), more: false });
    expect(await ledger.calls(id, foreign.call)).toEqual({ calls: [], more: false });
    expect(await ledger.madeCall(id, sent.call)).toEqual(listed[1]);
    expect(await ledger.madeCall(id, foreign.call)).toBeUndefined();
    expect(await ledger.madeCall(id, 'call_none')).toBeUndefined();
  });

  it('a list of calls ends after so many and says that there are older ones', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intents = Array.from({ length: PAGE + 1 }, () => intentOf(id));
    for (const intent of intents) await ledger.commit(intent);
    const first = await ledger.calls(id, undefined);
    expect([first.calls.length, first.more]).toEqual([PAGE, true]);
    const rest = await ledger.calls(id, first.calls.at(-1)?.id);
    expect(rest).toMatchObject({ calls: [{ id: intents[0]?.call }], more: false });
  });

  it('each change of a hold counts, whether a person, a call or time made it', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const changes = async (at = START): Promise<number> => (await ledger.holdsOf(id, at)).changes;
    expect(await changes()).toBe(0);
    const intent = writeOf(id);
    const hold = await held(ledger, placingOf(intent));
    expect(await changes()).toBe(1);
    await ledger.decide(hold.id, decisionOf('approve'));
    expect(await changes()).toBe(2);
    expect(await changes(START + 60 * MINUTE)).toBe(3);
    const grant = grantOf(hold);
    await ledger.commit({ ...intent, at: START + 2 * MINUTE, grant });
    expect(await changes()).toBe(3);
    const denied = await held(ledger, placingOf(writeOf(id, { digest: 'sha256:2' })));
    expect(await changes()).toBe(4);
    expect(await changes(START + 5 * 60 * MINUTE)).toBe(5);
    await ledger.decide(denied.id, decisionOf('deny', { because: 'too late' }));
    expect(await ledger.holdsOf(id, START)).toEqual({
      changes: 5,
      holds: [
        { ...waiting(denied.id), state: 'denied', because: 'too late' },
        { ...waiting(hold.id), state: 'used', usedBy: intent.call, expiresAt: START + 31 * MINUTE },
      ],
    });
    expect((await ledger.holdsOf(await enter(ledger, { ...KEY, profile: 'x' }), START)).holds).toEqual([]);
  });

  it('who waits for a memory hears of an event, of a hold and of its answer, from another process too', async () => {
    const { ledger } = bench();
    const second = await bench().second();
    const id = await enter(ledger);
    const lineage = (await ledger.look(id, START))?.session.lineage ?? '';
    const heard = async (act: () => Promise<unknown>): Promise<void> => {
      const change = ledger.changed(`memory:${lineage}`, new AbortController().signal);
      await act();
      await change;
    };
    await heard(() => second.addEvent(eventOf(id)));
    await heard(() => second.report({ session: id, class: 'low', amount: 1, why: '', at: START }));
    await heard(() => second.place(placingOf(writeOf(id))));
    const [hold] = (await ledger.holdsOf(id, START)).holds;
    await heard(() => second.decide(hold?.id ?? '', decisionOf('deny')));
    expect((await ledger.holdsOf(id, START)).changes).toBe(2);
  });
}

const waiting = (id: string) => ({
  id,
  target: 'outbox.send',
  placedAt: START,
  expiresAt: START + 4 * 60 * MINUTE,
  because: undefined,
  usedBy: undefined,
});
