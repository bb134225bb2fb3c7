import { expect, it } from 'vitest';
import { canonical } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import type { Principal } from '../../src/domain/principal.ts';
import type { SessionsAsked } from '../../src/domain/records.ts';
import {
  created,
  decisionOf,
  enter,
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

const ISSUER = 'https://issuer.example "," tenant';
const of = (subject: string, tenant = 'acme'): Principal => ({
  issuer: ISSUER,
  subject,
  client: 'desk',
  actors: [],
  tenant,
});
const ACME = { issuer: ISSUER, tenant: 'acme' };

const asking = (more: Partial<SessionsAsked> = {}): SessionsAsked => ({
  of: ACME,
  owner: undefined,
  only: undefined,
  state: undefined,
  after: undefined,
  limit: 10,
  ...more,
});

const idsOf = async (ledger: Ledger, more: Partial<SessionsAsked>, at = START) => {
  const page = await ledger.records.sessions(asking(more), at);
  return page && [page.sessions.map(({ session }) => session.id), page.more];
};

export function recordsContract(bench: () => LedgerBench): void {
  const opened = async (principal: Principal): Promise<string> => {
    const description = { task: undefined, instructions: undefined, model: undefined, route: undefined };
    const key = { ...KEY, principal, folder: undefined };
    return (await created(bench().ledger, { ...key, description, by: 'grace', at: START })).session.id;
  };

  it('a page of sessions is of one tenant, the newest first, and goes on where the last one ended', async () => {
    const ids = [await opened(of('ada')), await opened(of('bob')), await opened(of('ada'))];
    await opened(of('ada', 'zeta'));
    await opened({ ...of('ada'), issuer: 'https://other.example' });
    const [first = '', second = '', third = ''] = ids;
    const { ledger } = bench();
    expect(await idsOf(ledger, { limit: 2 })).toEqual([[third, second], true]);
    expect(await idsOf(ledger, { limit: 2, after: second })).toEqual([[first], false]);
    expect(await idsOf(ledger, { limit: 1, after: first })).toEqual([[], false]);
    expect(await idsOf(ledger, { owner: of('ada') })).toEqual([[third, first], false]);
    expect(await idsOf(ledger, { only: second })).toEqual([[second], false]);
    expect(await idsOf(await bench().reopen(), { limit: 3 })).toEqual([[third, second, first], false]);
  });

  it('a page does not begin behind a session of somebody else, nor show one', async () => {
    const { ledger } = bench();
    const [own, other] = [await opened(of('ada')), await opened(of('eve', 'zeta'))];
    expect(await idsOf(ledger, { after: other })).toBeUndefined();
    expect(await idsOf(ledger, { after: 's_none' })).toBeUndefined();
    expect(await idsOf(ledger, { owner: of('bob'), after: own })).toBeUndefined();
    expect(await idsOf(ledger, { only: other })).toEqual([[], false]);
  });

  it('a page has the sessions of one state, and those that wait for a person only while they wait', async () => {
    const { ledger } = bench();
    const [waits, runs, paused] = [await opened(of('ada')), await opened(of('ada')), await opened(of('ada'))];
    for (const id of [waits, runs]) await ledger.commit(intentOf(id));
    await ledger.change(paused, 'pause', 'grace', 'so', START);
    const placing = placingOf(writeOf(waits), { principal: of('ada') });
    const { expiresAt, id } = await held(ledger, placing);
    expect(await idsOf(ledger, { state: 'paused' })).toEqual([[paused], false]);
    expect(await idsOf(ledger, { state: 'running' })).toEqual([[runs], false]);
    expect(await idsOf(ledger, { state: 'awaiting_approval' })).toEqual([[waits], false]);
    const page = await ledger.records.sessions(asking({ only: waits }), START);
    expect(page?.sessions).toMatchObject([{ awaiting: 1 }]);
    expect(await idsOf(ledger, { state: 'awaiting_approval' }, expiresAt)).toEqual([[], false]);
    await ledger.decide(id, decisionOf('deny'));
    expect(await idsOf(ledger, { state: 'awaiting_approval' })).toEqual([[], false]);
    expect(await idsOf(ledger, { state: 'completed' })).toEqual([[], false]);
  });

  it('a stretch of a chain has the entries before a number, in order, and ends with its first', async () => {
    const { ledger } = bench();
    const id = await enter(ledger);
    await enter(ledger, { ...KEY, folder: '/other' });
    for (let time = 0; time < 3; time++) {
      const intent = intentOf(id, { canonical: canonical({ time }) });
      await ledger.commit(intent);
      await ledger.settle(settlementOf(intent));
    }
    const all = await ledger.journal(id);
    expect(all.length).toBeGreaterThan(5);
    const stretch = (before: number | undefined, limit: number) =>
      ledger.records.entries({ session: id, before, limit });
    expect(await stretch(undefined, 100)).toEqual(all);
    expect(await stretch(undefined, 2)).toEqual(all.slice(-2));
    expect(await stretch(all.length - 1, 3)).toEqual(all.slice(-5, -2));
    expect(await stretch(3, 100)).toEqual(all.slice(0, 2));
    expect(await stretch(1_000, 1)).toEqual(all.slice(-1));
    expect(await stretch(1, 5)).toEqual([]);
    expect(await ledger.records.entries({ session: 's_none', before: undefined, limit: 5 })).toEqual([]);
  });

  it('what people were asked is told by tenant and since when, with the answer and the call that ran on it', async () => {
    const { ledger } = bench();
    const id = await opened(of('ada'));
    const place = (n: number, at: number, principal = of('ada'), session = id) =>
      held(ledger, placingOf(writeOf(session, { canonical: canonical({ n }), at }), { principal }));
    const old = await place(1, START - 1);
    const denied = await place(2, START);
    await ledger.decide(denied.id, decisionOf('deny', { at: START + 5 }));
    const open = await place(3, START + 10);
    await place(4, START, of('eve', 'zeta'), await opened(of('eve', 'zeta')));
    const asked = { of: ACME, since: START, at: START + MINUTE };
    const found = await ledger.records.asked(asked);
    expect(found.map((one) => [one.id, one.state, one.answer, one.usedBy])).toEqual([
      [open.id, 'open', undefined, []],
      [denied.id, 'denied', { verdict: 'deny', at: START + 5 }, []],
    ]);
    const [first] = found;
    expect(first).toMatchObject({
      session: id,
      profile: 'demo',
      target: 'outbox.send',
      effect: 'write',
      rules: ['outbox.send.approval'],
      placedAt: START + 10,
    });
    const lapsed = await ledger.records.asked({ ...asked, since: START - 1, at: old.expiresAt });
    expect(lapsed.find((one) => one.id === old.id)).toMatchObject({ state: 'lapsed', answer: undefined });
    const intent = await granted(ledger, writeOf(await enter(ledger)));
    await ledger.commit(intent);
    const own = await ledger.records.asked({ ...asked, of: { issuer: 'local', tenant: 'local' }, at: START });
    expect(own).toMatchObject([{ state: 'used', answer: { verdict: 'approve' }, usedBy: [intent.call] }]);
  });
}
