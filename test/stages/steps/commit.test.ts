import { describe, expect, test } from 'vitest';
import { UNPINNED } from '../../../src/domain/contract.ts';
import type { Decision } from '../../../src/domain/hold.ts';
import { settlementOf } from '../../contract/ledger-bench.ts';
import { AT, desks, NOBODY, passed, refusalOf } from './desk.ts';

const desk = desks();

const HELD = '{ effect: write, approval: { reason: Look. } }';
const approval: Decision = {
  verdict: 'approve',
  by: 'grace',
  at: AT,
  because: undefined,
  nonce: 'n',
  kid: 'k',
  signature: 'signed',
};

describe('commit', () => {
  const SIGNED = { verify: () => true };

  test('an approval that nobody known has signed runs nothing', async () => {
    const grantedBy = async (approvers: typeof NOBODY) => {
      const one = await desk(HELD, '', approvers);
      const call = await one.resolved();
      const held = refusalOf(await one.through(call));
      if (held.reason !== 'held') throw new Error('it was not held');
      await one.ledger.decide(held.hold.id, approval);
      return one.through(call);
    };
    expect(refusalOf(await grantedBy(NOBODY))).toMatchObject({
      reason: 'denied',
      why: expect.stringContaining('not signed'),
    });
    expect(passed(await grantedBy(SIGNED))).toMatchObject({ entry: expect.any(Number), deadline: AT + 60_000 });
  });

  test('a denial is no approval, whoever signed it', async () => {
    const one = await desk(HELD, '', SIGNED);
    const held = refusalOf(await one.through(await one.resolved()));
    if (held.reason !== 'held') throw new Error('it was not held');
    const decided = await one.ledger.decide(held.hold.id, { ...approval, verdict: 'deny' });
    const afforded = passed(await one.afforded({ ...passed(await one.judged(await one.resolved())), needs: [] }));
    const grant = passed(decided);
    const refused = await one.committed({
      ...afforded,
      grant,
      connection: {} as never,
      credential: undefined,
      open: undefined,
    });
    expect(refusalOf(refused)).toMatchObject({ reason: 'denied' });
  });

  test('a hold that nobody has answered is no approval', async () => {
    const one = await desk(HELD, '', SIGNED);
    const held = refusalOf(await one.through(await one.resolved()));
    if (held.reason !== 'held') throw new Error('it was not held');
    const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved()))));
    const refused = await one.committed({
      ...afforded,
      grant: held.hold,
      connection: {} as never,
      credential: undefined,
      open: undefined,
    });
    expect(refusalOf(refused)).toMatchObject({ reason: 'denied', rules: [] });
  });

  test('a later round goes on under the intent that stands', async () => {
    const one = await desk('{ effect: write }', 'budgets: { session: { calls: 1 } }\n');
    const first = passed(await one.through(await one.resolved()));
    const open = { entry: first.entry, deadline: 7 } as never;
    expect(passed(await one.committed({ ...first, open }))).toMatchObject({ entry: first.entry, deadline: 7 });
    expect((await one.ledger.look(first.session.id, AT))?.used['calls']).toBe(1);
  });

  test('what was let through by a snapshot is asked of the ledger once more', async () => {
    const one = await desk(
      '{ effect: write, labels: [pii], limits: [{ count: calls, within: 1h, max: 2 }] }',
      'budgets: { session: { calls: 3 } }\n',
    );
    const early = await Promise.all([1, 2, 3, 4].map((n) => one.resolved({ n })));
    const prepared = await Promise.all(
      early.map(async (call) => ({
        ...passed(await one.approved(passed(await one.afforded(passed(await one.judged(call)))))),
        connection: {} as never,
        credential: undefined,
        open: undefined,
      })),
    );
    const [first, second, third, fourth] = prepared;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined) throw new Error();
    expect((await one.committed(first)).ok).toBe(true);
    expect((await one.committed(second)).ok).toBe(true);
    expect(refusalOf(await one.committed(third))).toMatchObject({ reason: 'denied', rules: ['crm.act.limits.0'] });
    const unlimited = { ...third, demands: [] };
    expect((await one.committed(unlimited)).ok).toBe(true);
    expect(refusalOf(await one.committed({ ...fourth, demands: [] }))).toMatchObject({
      reason: 'over_budget',
      overdrawn: { kind: 'calls', used: 3, cap: 3 },
      currency: 'USD',
    });
    expect((await one.ledger.look(first.session.id, AT))?.labels).toEqual(['pii']);
  });

  test('a judgement that saw other labels than the session has is stale; one that no label counts for is not', async () => {
    const flows = 'flows: [{ id: out, when: { labels: [private], sends_to: external }, then: deny }]\n';
    const outcome = async (more: string) => {
      const one = await desk('{ effect: write, labels: [private], sends_to: external }', more);
      const [early, late] = [await one.resolved({ n: 1 }), await one.resolved({ n: 2 })];
      passed(await one.through(early));
      const second = await one.through(late);
      return second.ok ? 'ok' : second.error.reason;
    };
    expect(await outcome(flows)).toBe('stale');
    expect(await outcome('')).toBe('ok');
  });

  test('an identical call that is in flight is the answer; a paused session runs nothing', async () => {
    const one = await desk('{ effect: write }');
    const first = passed(await one.through(await one.resolved()));
    expect(refusalOf(await one.through(await one.resolved()))).toEqual({
      reason: 'repeated',
      call: first.id,
      textOnly: false,
    });
    await one.ledger.settle(
      settlementOf({ ...first, at: AT } as never, { call: first.id, session: first.session.id, at: AT }),
    );
    await one.ledger.change(first.session.id, 'pause', 'ada', 'lunch', AT);
    expect(refusalOf(await one.through(await one.resolved({ n: 2 }))).reason).toBe('session_paused');
  });

  test('the journal says by what it was let through', async () => {
    const one = await desk(
      '{ effect: write, cases: [{ id: a, when: {}, then: allow }, { id: b, when: {}, then: hold, mode: observe }] }',
    );
    const call = passed(await one.through(await one.resolved({ x: 1 })));
    const intent = (await one.ledger.journal(call.session.id)).find(({ kind }) => kind === 'intent');
    expect(intent?.body).toMatchObject({
      policy: one.profile.digest,
      target_rules: one.profile.tools.get('crm.act')?.digest,
      rules: ['crm.act.cases.a'],
      observed: [{ rule: 'crm.act.cases.b', would: 'hold' }],
      pin: UNPINNED,
      operation: 'tools/call',
      client: 'test 1',
      transport: 'http',
      revision: '2026-07-28',
    });
    const plain = await desk('{ effect: write }');
    const other = passed(await plain.through(await plain.resolved()));
    const written = (await plain.ledger.journal(other.session.id)).find(({ kind }) => kind === 'intent');
    expect(written?.body).not.toHaveProperty('observed');
  });
});
