import { expect, it } from 'vitest';
import { OPEN_HOLDS_PER_SESSION } from '../../src/domain/hold.ts';
import { canonical } from '../../src/domain/json.ts';
import { ANSWER_WITHIN, USE_WITHIN, USUAL_TERMS } from '../../src/domain/terms.ts';
import {
  decisionOf,
  enter,
  granted,
  held,
  intentOf,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  settlementOf,
  writeOf,
} from './ledger-bench.ts';

/** The same tool with other arguments. */
const other = (session: string, n: number) => writeOf(session, { canonical: canonical({ n }) });

export function holdContract(bench: () => LedgerBench): void {
  it('the same call attaches to its hold, after a restart too; other arguments are another', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const placing = placingOf(writeOf(id));
    const hold = await held(ledger, placing);
    const { canonical: _text, call: _call, at, ...bound } = placing;
    expect(hold).toEqual({
      ...bound,
      id: hold.id,
      state: 'open',
      isVoid: false,
      placedAt: at,
      expiresAt: at + ANSWER_WITHIN,
      terms: USUAL_TERMS,
      decisions: [],
      usedBy: [],
    });
    expect((await held(ledger, placingOf(other(id, 1)))).id).not.toBe(hold.id);
    const restarted = await bench().reopen();
    expect(await held(restarted, { ...placing, call: 'call_2', at: START + MINUTE })).toEqual(hold);
    const entries = (await restarted.journal(id)).filter((entry) => entry.kind === 'held');
    expect(entries).toHaveLength(2);
    expect(entries[0]).toMatchObject({ call: placing.call, body: { hold: hold.id, digest: placing.digest } });
  });

  it('20 identical calls at once, from two handles, ask once', async () => {
    const id = await enter(bench().ledger);
    const second = await bench().second();
    const ledgers = Array.from({ length: 20 }, (_, n) => (n % 2 ? second : bench().ledger));
    const holds = await Promise.all(ledgers.map((ledger) => held(ledger, placingOf(writeOf(id)))));
    expect(new Set(holds.map((hold) => hold.id)).size).toBe(1);
  });

  it('an approval is found by the same call until it lapses, and then a person is asked anew', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const placing = placingOf(writeOf(id));
    const hold = await held(ledger, placing);
    const decision = decisionOf('approve', { because: 'looks right' });
    const expiresAt = decision.at + USE_WITHIN;
    expect(await ledger.decide(hold.id, decision)).toMatchObject({ ok: true, value: { state: 'approved', expiresAt } });
    const approved = await held(ledger, { ...placing, at: expiresAt - 1 });
    expect(approved).toEqual({ ...hold, state: 'approved', expiresAt, decisions: [decision] });
    expect(await ledger.hold(hold.id, expiresAt)).toMatchObject({ state: 'lapsed' });
    expect((await held(ledger, { ...placing, at: expiresAt })).id).not.toBe(hold.id);
  });

  it('an answer counts once, and only while the hold is open', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const hold = await held(ledger, placingOf(writeOf(id)));
    const late = decisionOf('approve', { at: START + ANSWER_WITHIN });
    expect(await ledger.decide(hold.id, late)).toMatchObject({ ok: false, error: expect.stringContaining('lapsed') });
    const answers = await Promise.all([
      ledger.decide(hold.id, decisionOf('deny')),
      ledger.decide(hold.id, decisionOf('approve')),
    ]);
    expect(answers).toMatchObject([{ ok: true }, { ok: false, error: `The hold ${hold.id} is already denied.` }]);
    expect(await ledger.decide('h_none', decisionOf('deny'))).toMatchObject({ ok: false });
    const decided = (await ledger.journal(id)).filter((entry) => entry.kind === 'decided');
    expect(decided).toMatchObject([
      { body: { hold: hold.id, verdict: 'deny', by: 'grace', proofs: [{ signature: 'signed' }] } },
    ]);
  });

  it('who asked takes it back: nobody can answer it any more, nor use the answer, and the next such call asks anew', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const [open, approved, denied] = await Promise.all([1, 2, 3].map((n) => held(ledger, placingOf(other(id, n)))));
    if (open === undefined || approved === undefined || denied === undefined) throw new Error('three calls were held');
    await ledger.decide(approved.id, decisionOf('approve'));
    await ledger.decide(denied.id, decisionOf('deny'));
    for (const { id: hold } of [open, approved, denied]) await ledger.withdraw(hold, START);
    await ledger.withdraw('h_none', START);
    const states = await Promise.all([open, approved, denied].map(({ id: hold }) => ledger.hold(hold, START)));
    expect(states).toMatchObject([
      { state: 'lapsed', isVoid: true },
      { state: 'lapsed', isVoid: true },
      { state: 'denied', isVoid: false },
    ]);
    expect(await ledger.decide(open.id, decisionOf('approve'))).toMatchObject({ ok: false });
    expect((await held(ledger, placingOf(other(id, 2)))).id).not.toBe(approved.id);
    const said = (await ledger.journal(id)).filter(({ body }) => body['why'] === 'the agent took it back');
    expect(said.map(({ body }) => body['hold'])).toEqual([open.id, approved.id]);
    // One that nobody answered in time is not void: it was not taken back.
    const late = await held(ledger, placingOf(other(id, 4)));
    expect(await ledger.hold(late.id, START + ANSWER_WITHIN)).toMatchObject({ state: 'lapsed', isVoid: false });
  });

  it('a denied call stays denied, however it is bound; three denials close the tool', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    for (const n of [1, 2, 3]) {
      const hold = await held(ledger, placingOf(other(id, n)));
      await ledger.decide(hold.id, decisionOf('deny'));
      expect(await held(ledger, placingOf(other(id, n), { rules: 'sha256:newer' }))).toMatchObject({
        id: hold.id,
        state: 'denied',
      });
    }
    expect(await ledger.place(placingOf(other(id, 4)))).toMatchObject({ found: 'closed' });
    expect(await ledger.place(placingOf(writeOf(id, { target: 'outbox.read' })))).toMatchObject({ found: 'hold' });
  });

  it('when nobody answers in time it counts as no denial', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    for (const n of [0, 1, 2, 3]) await held(ledger, placingOf(other(id, n)));
    const at = START + ANSWER_WITHIN;
    expect(await held(ledger, placingOf(other(id, 1), { at }))).toMatchObject({ state: 'open', placedAt: at });
  });

  it('a flood of questions is refused: only so many are open at a time', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const holds = [];
    for (let n = 0; n < OPEN_HOLDS_PER_SESSION; n++) holds.push(await held(ledger, placingOf(other(id, n))));
    expect(await ledger.place(placingOf(other(id, 9)))).toMatchObject({ found: 'closed' });
    expect(await held(ledger, placingOf(other(id, 0)))).toEqual(holds[0]);
    await ledger.decide(holds[0]?.id ?? '', decisionOf('approve'));
    expect(await ledger.place(placingOf(other(id, 9)))).toMatchObject({ found: 'hold' });
  });

  it('a changed rule, pin or need voids what was open or approved for the call', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const intent = await granted(ledger, writeOf(id));
    const anew = await held(ledger, placingOf(intent, { pin: 'sha256:newer' }));
    expect(anew).toMatchObject({ state: 'open', pin: 'sha256:newer' });
    expect(await ledger.hold(intent.grant?.hold ?? '', intent.at)).toMatchObject({ state: 'lapsed' });
    expect(await ledger.commit(intent)).toEqual({ ok: false, reason: 'stale' });
    expect((await ledger.journal(id)).at(-2)).toMatchObject({
      kind: 'held',
      body: { hold: intent.grant?.hold, state: 'lapsed' },
    });
  });

  it('the call that ran on its grant answers the identical one while it runs and for a while after', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    for (const effect of ['write', 'read'] as const) {
      const intent = await granted(ledger, writeOf(id, { effect, canonical: canonical({ effect }) }));
      await ledger.commit(intent);
      const attached = { found: 'call', call: intent.call };
      expect(await ledger.place(placingOf(intent))).toEqual(attached);
      await ledger.settle(settlementOf(intent));
      const until = intent.at + 1_000 + USE_WITHIN;
      expect(await ledger.place(placingOf(intent, { at: until - 1, pin: 'sha256:newer' }))).toEqual(attached);
      expect(await ledger.place(placingOf(intent, { at: until }))).toMatchObject({ found: 'hold' });
    }
  });

  it('a call that used its grant and was never sent did not run: the identical one is asked about anew', async () => {
    const { ledger } = bench();
    const intent = await granted(ledger, writeOf(await enter(ledger)));
    await ledger.commit(intent);
    await ledger.settle(settlementOf(intent, { outcome: 'not_sent' }));
    expect(await ledger.place(placingOf(intent, { at: intent.at + 2_000 }))).toMatchObject({
      found: 'hold',
      hold: { state: 'open' },
    });
  });

  it('a call in flight without a hold answers the identical one, unless it is a read', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const [write, read] = [writeOf(id), intentOf(id)];
    await Promise.all([ledger.commit(write), ledger.commit(read)]);
    expect(await ledger.place(placingOf(write))).toEqual({ found: 'call', call: write.call });
    expect(await ledger.place(placingOf(read))).toMatchObject({ found: 'hold' });
  });

  it('open holds are listed apart, the newest first', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    const [one, two, three] = [
      await held(ledger, placingOf(other(id, 1))),
      await held(ledger, placingOf(other(id, 2))),
      await held(ledger, placingOf(other(id, 3))),
    ];
    await ledger.decide(two.id, decisionOf('deny'));
    expect(await ledger.holds({ open: true }, START)).toEqual([three, one]);
    expect((await ledger.holds({ open: false }, START)).map((hold) => hold.id)).toEqual([three.id, two.id, one.id]);
    expect(await ledger.holds({ open: true }, START + ANSWER_WITHIN)).toEqual([]);
    expect(await ledger.hold('h_none', START)).toBeUndefined();
  });
}
