import { describe, expect, onTestFinished, test } from 'vitest';
import type { Prepared } from '../../../src/domain/call.ts';
import { UNPINNED } from '../../../src/domain/contract.ts';
import { budgetNeed } from '../../../src/domain/extension.ts';
import type { Decision } from '../../../src/domain/hold.ts';
import type { Settlement } from '../../../src/domain/ports.ts';
import { commit } from '../../../src/stages/commit.ts';
import { settlementOf } from '../../contract/ledger-bench.ts';
import { openSqliteBench } from '../../store/sqlite-bench.ts';
import { AT, type Desk, deskOn, desks, EVERYBODY, NOBODY, passed, refusalOf } from './desk.ts';

/** Of a call that waits for nothing any more: no step looks into its connection before it is sent. */
const READY = { credential: undefined, connection: {} as never, open: undefined };

const desk = desks();

const HELD = '{ effect: write, approval: { reason: Look. } }';
const approval: Decision = {
  verdict: 'approve',
  by: 'grace',
  at: AT,
  because: undefined,
  nonce: 'n',
  proofs: [{ kind: 'passphrase', kid: 'k', signature: 'signed' }],
};

describe('commit', () => {
  const SIGNED = EVERYBODY;

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
      ...READY,
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
      ...READY,
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
        ...READY,
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

  describe('of a budget that others used up since the call was decided', () => {
    /** Decided while there was enough. */
    const prepared = async (one: Desk, n: number): Promise<Prepared> => ({
      ...passed(await one.approved(passed(await one.afforded(passed(await one.judged(await one.resolved({ n }))))))),
      ...READY,
    });
    const EXTEND = 'when_reached: extend';
    const lateReason = async (rules: string, budgets: string) => {
      const one = await desk(rules, `budgets: { ${budgets} }\n`);
      const [first, late] = [await prepared(one, 1), await prepared(one, 2)];
      passed(await one.committed(first));
      return refusalOf(await one.committed(late));
    };

    test('a person is asked where one may extend it: the call is decided once more', async () => {
      expect(await lateReason('{ effect: write }', `session: { calls: 1 }, ${EXTEND}`)).toEqual({ reason: 'stale' });
    });

    test.each([
      ['where the policy says so', 'session: { calls: 1 }, when_reached: deny'],
      ['for what all sessions of a principal may do', `principal: { calls: 1/day }, ${EXTEND}`],
    ])('nobody is asked %s', async (_, budgets) => {
      const principal = { budgets: `${budgets}${budgets.includes('session') ? '' : ', session: { calls: 99 }'}` };
      expect(await lateReason('{ effect: write }', principal.budgets)).toMatchObject({
        reason: 'over_budget',
        overdrawn: { kind: 'calls', used: 1, cap: 1 },
        currency: 'USD',
      });
    });

    test('nobody is asked to go on with a loop', async () => {
      const one = await desk('{ effect: write }', `budgets: { session: { refusals: 1, calls: 9 }, ${EXTEND} }\n`);
      const late = await prepared(one, 1);
      const draft = { session: late.session.id, kind: 'refused', call: 'another', at: AT, body: {} } as const;
      await one.ledger.append(draft, undefined, { kind: 'refusals', most: 1 });
      expect(refusalOf(await one.committed(late))).toMatchObject({
        reason: 'over_budget',
        overdrawn: { kind: 'refusals' },
      });
    });

    /** Approved, with what that person gave; then another call uses up what there was. */
    const grantedThenSpent = async (rules: string, extend: Decision['extend'], cap: string, used: number) => {
      const one = await desk(rules, `budgets: { session: { ${cap} }, ${EXTEND} }\n`, SIGNED);
      const others = await Promise.all([2, 3, 4].map((n) => prepared(one, n)));
      const call = passed(await one.afforded(passed(await one.judged(await one.resolved({ n: 1 })))));
      const needing = used === 0 ? call : { ...call, needs: [budgetNeed({ kind: 'calls', used, cap: 1 }, 'USD')] };
      const held = refusalOf(await one.approved(needing));
      if (held.reason !== 'held') throw new Error('it was not held');
      passed(await one.ledger.decide(held.hold.id, { ...approval, extend }));
      const granted = {
        ...passed(await one.approved(needing)),
        ...READY,
      };
      for (const other of others) passed(await one.committed({ ...other, caps: {} }));
      return refusalOf(await one.committed(granted));
    };
    const HELD_TWO =
      '{ effect: write, cases: [{ id: ask, when: { n: { const: 1 } }, then: hold }, { id: go, when: { n: { minimum: 2 } }, then: allow }] }';

    test('who gave too little is not asked in a circle; who was asked for something else is asked', async () => {
      expect(await grantedThenSpent(HELD_TWO, { calls: 1 }, 'calls: 1', 1)).toMatchObject({
        reason: 'over_budget',
        overdrawn: { kind: 'calls' },
      });
      expect(await grantedThenSpent(HELD_TWO, undefined, 'calls: 1', 0)).toEqual({ reason: 'stale' });
    });
  });

  test('what a person gives more of is used with the call: the session’s caps rise by it', async () => {
    const one = await desk('{ effect: write }', 'budgets: { session: { calls: 1 }, when_reached: extend }\n', SIGNED);
    passed(await one.through(await one.resolved({ n: 1 })));
    const call = await one.resolved({ n: 2 });
    const held = refusalOf(await one.through(call));
    if (held.reason !== 'held') throw new Error('it was not held');
    passed(await one.ledger.decide(held.hold.id, { ...approval, extend: { calls: 5 } }));
    expect((await one.ledger.look(call.session.id, AT))?.extended).toEqual({});
    passed(await one.through(call));
    expect((await one.ledger.look(call.session.id, AT))?.extended).toEqual({ calls: 5 });
  });

  test('what a person stopped since the call was decided is not made', async () => {
    const one = await desk('{ effect: write }');
    const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved()))));
    const call = {
      ...passed(await one.approved(afforded)),
      ...READY,
    };
    const stop = passed(await one.ledger.stop({ kind: 'tool', key: 'crm.act', by: 'ada', why: 'No.', at: AT }));
    onTestFinished(async () => void (await one.ledger.lift(stop.id, 'ada', 'Go on.', AT)));
    expect(refusalOf(await one.committed(call))).toEqual({ reason: 'stopped', stop });
  });

  test('a ledger that is full makes no call', async () => {
    const bench = await openSqliteBench();
    onTestFinished(() => bench.close());
    const one = deskOn(await bench.reopen({ store: undefined, principal: 10 }), '/work/full', '{ effect: write }');
    passed(await one.through(await one.resolved({ n: 1 })));
    expect(refusalOf(await one.through(await one.resolved({ n: 2 })))).toEqual({
      reason: 'over_quota',
      quota: 'principal',
    });
  });

  test('a ledger that cannot be used makes no call, and is told later that nothing was sent: the intent may be written', async () => {
    const bench = await openSqliteBench();
    const one = deskOn(bench.ledger, '/work/lost', '{ effect: write }');
    const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved()))));
    const call = {
      ...passed(await one.approved(afforded)),
      ...READY,
    };
    await bench.close();
    const told: Settlement[] = [];
    const committed = commit(
      bench.ledger,
      NOBODY,
      () => AT,
      (settlement) => void told.push(settlement),
    );
    await expect(committed(call)).rejects.toThrow();
    expect(told).toEqual([
      {
        call: call.id,
        session: call.session.id,
        at: AT,
        outcome: 'not_sent',
        fields: {},
        unspent: {},
        recorded: undefined,
        body: { why: 'the ledger could not be used' },
      },
    ]);
  });
});
