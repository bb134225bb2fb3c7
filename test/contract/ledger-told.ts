import { expect, it } from 'vitest';
import type { Taking, Told } from '../../src/domain/notification.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import type { PushSubscription } from '../../src/domain/push.ts';
import { USUAL_TERMS } from '../../src/domain/terms.ts';
import {
  decisionOf,
  enter,
  held,
  intentOf,
  KEY,
  type LedgerBench,
  MINUTE,
  placingOf,
  START,
  writeOf,
} from './ledger-bench.ts';

async function placed(ledger: Ledger, target = 'outbox.send', at = START): Promise<string> {
  const intent = writeOf(await enter(ledger), { target, digest: `sha256:${target}${at}`, at });
  const needs = [{ kind: 'rule', rule: 'outbox.send.approval', reason: 'canary' }] as const;
  const effective = { to: 'canary' };
  return (await held(ledger, placingOf(intent, { needs, effective, agentReason: 'canary' }))).id;
}

const takingOf = (about: string, changes: Partial<Taking> = {}): Taking => ({
  ...{ receiver: 'webhook', occasion: 'hold', about, round: 0, at: START + 1 },
  ...changes,
});

async function taken(ledger: Ledger, taking: Taking): Promise<Told> {
  const told = await ledger.telling.take(taking);
  if (told === undefined) throw new Error('it was not there to take');
  return told;
}

const endedAs = (ledger: Ledger, told: Told, state: 'failed' | 'told' | 'given_up', at: number, again?: number) =>
  ledger.telling.ended({ ...told, state, at, again });

const ADA = { issuer: 'https://login.example.com', subject: 'ada', tenant: 'example' };
const browserOf = (id: string, changes: Partial<PushSubscription> = {}): PushSubscription => ({
  ...{ id, endpoint: `https://push.example.com/${id}`, p256dh: 'canary-point', auth: 'canary-auth' },
  ...{ person: ADA, groups: ['payers'], until: START + MINUTE },
  ...changes,
});

export function toldContract(bench: () => LedgerBench): void {
  it('what waits is listed with what may be told of it and nothing else, the longest first, until it is answered or lapses', async () => {
    const { ledger } = bench();
    const second = await placed(ledger, 'outbox.send', START + 5);
    const first = await placed(ledger, 'resource files file:///canary', START);
    const awaiting = await ledger.telling.awaiting(START + 10);
    expect(awaiting.map(({ id }) => id)).toEqual([first, second]);
    expect(awaiting[1]).toEqual({
      ...{ occasion: 'hold', id: second, tool: 'outbox.send', rules: ['outbox.send.approval'], since: START + 5 },
      ...{ until: expect.any(Number), principal: KEY.principal },
      ...{ rights: ['answer holds'], terms: USUAL_TERMS },
    });
    expect(JSON.stringify(awaiting)).not.toContain('canary');
    expect(awaiting[0]?.tool).toBe('resource files');
    await ledger.decide(second, decisionOf('deny', { because: 'no' }));
    expect((await ledger.telling.awaiting(START + 10)).map(({ id }) => id)).toEqual([first]);
    expect(await ledger.telling.awaiting(awaiting[0]?.until ?? 0)).toEqual([]);
  });

  it('a call whose outcome is unknown waits, too, for as long as it binds', async () => {
    const { ledger } = bench();
    const intent = writeOf(await enter(ledger));
    await bench().commitAndDie([intent, intentOf(intent.session)]);
    await ledger.recover(START + MINUTE);
    const awaiting = await ledger.telling.awaiting(START + MINUTE);
    expect(awaiting).toMatchObject([{ occasion: 'outcome', id: intent.call, tool: 'outbox.send', until: undefined }]);
    expect(await ledger.telling.take(takingOf(intent.call, { occasion: 'outcome' }))).toBeDefined();
  });

  it('a message is taken once, told once, and each round is another message', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const hold = await placed(ledger);
    const all = await Promise.all([ledger, other, ledger].map((one) => one.telling.take(takingOf(hold))));
    const [first] = all.filter((one) => one !== undefined);
    expect(first?.tries).toBeGreaterThan(0);
    const last = await taken(ledger, takingOf(hold));
    expect(last.message).toBe(first?.message);
    await endedAs(ledger, last, 'told', START + 2);
    for (const one of [ledger, other, await bench().second()])
      expect(await one.telling.take(takingOf(hold, { at: START + 3 }))).toBeUndefined();
    const next = await taken(ledger, takingOf(hold, { round: 1, at: START + 4 }));
    expect(next).toMatchObject({ round: 1, tries: 1, state: 'trying' });
    expect(next.message).not.toBe(last.message);
    expect(await ledger.telling.take(takingOf(hold, { round: 2 }))).toBeUndefined();
    expect(await ledger.telling.take(takingOf(hold, { receiver: 'other' }))).toMatchObject({ round: 0, tries: 1 });
  });

  it('a message that failed is tried again under its id, not before its time, also by another process after a restart', async () => {
    const hold = await placed(bench().ledger);
    const first = await taken(bench().ledger, takingOf(hold));
    await endedAs(bench().ledger, first, 'failed', START + 2, START + 10);
    const restarted = await bench().reopen();
    expect(await restarted.telling.take(takingOf(hold, { at: START + 9 }))).toBeUndefined();
    const again = await taken(restarted, takingOf(hold, { at: START + 10 }));
    expect(again).toMatchObject({ message: first.message, tries: 2 });
  });

  it('what a process that died was telling is taken over under the same id', async () => {
    const hold = await placed(bench().ledger);
    const first = await taken(bench().ledger, takingOf(hold));
    const restarted = await bench().reopen();
    expect((await taken(restarted, takingOf(hold))).message).toBe(first.message);
  });

  it('what does not wait any more is not told, and is handed over once to say so', async () => {
    const { ledger } = bench();
    const other = await bench().second();
    const [hold, late] = [await placed(ledger), await placed(ledger, 'outbox.other')];
    await endedAs(ledger, await taken(ledger, takingOf(hold)), 'told', START + 2);
    await endedAs(ledger, await taken(ledger, takingOf(late)), 'told', START + 2);
    expect(await ledger.telling.over(START + 3)).toEqual([]);
    const woken = other.changed('holds', AbortSignal.timeout(30_000));
    await ledger.decide(hold, decisionOf('approve'));
    await woken;
    expect(await ledger.telling.take(takingOf(hold, { receiver: 'other' }))).toBeUndefined();
    const over = await Promise.all([ledger.telling.over(START + 4), other.telling.over(START + 4)]);
    expect(over.flat()).toMatchObject([{ receiver: 'webhook', about: hold, state: 'told' }]);
    expect((await ledger.telling.told()).map(({ about }) => about)).toEqual([late]);
  });

  it('a browser that was kept before groups were is of nobody’s group', async () => {
    const { telling } = bench().ledger;
    const { groups: _, ...before } = browserOf('b0');
    expect(await telling.subscribe(before as PushSubscription, START)).toMatchObject({ ok: true });
    expect(await telling.subscriptions(START)).toEqual([{ ...before, groups: [] }]);
  });

  it('a browser is kept once, sealed, until its time, ten a person, and taken out by its person alone', async () => {
    const { ledger } = bench();
    const { telling } = await bench().second();
    await ledger.telling.subscribe(browserOf('b0'), START);
    await ledger.telling.subscribe(browserOf('b0', { p256dh: 'another' }), START);
    expect(await telling.subscriptions(START)).toEqual([browserOf('b0', { p256dh: 'another' })]);
    expect(await telling.subscriptions(START + MINUTE)).toEqual([]);
    for (let n = 1; n < 10; n++)
      expect(await ledger.telling.subscribe(browserOf(`b${n}`), START)).toMatchObject({ ok: true });
    expect(await ledger.telling.subscribe(browserOf('b10'), START)).toMatchObject({ ok: false });
    expect(await ledger.telling.subscribe(browserOf('b9'), START)).toMatchObject({ ok: true });
    const eve = { ...ADA, subject: 'eve' };
    expect(await ledger.telling.subscribe(browserOf('e', { person: eve }), START)).toMatchObject({ ok: true });
    await ledger.telling.unsubscribe('b0', eve);
    await ledger.telling.unsubscribe('e', undefined);
    await ledger.telling.unsubscribe('b9', ADA);
    const left = (await telling.subscriptions(START)).map(({ id }) => id);
    expect(left.toSorted()).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8']);
  });
}
