import { describe, expect, onTestFinished, test } from 'vitest';
import { UNPINNED } from '../../../src/domain/contract.ts';
import type { Decision } from '../../../src/domain/hold.ts';
import { LARGEST_HELD_ARGUMENTS } from '../../../src/domain/hold.ts';
import { openSqliteBench } from '../../store/sqlite-bench.ts';
import { AT, deskOn, desks, EVERYBODY, passed, refusalOf } from './desk.ts';

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

describe('require approval', () => {
  test('a call that nobody need be asked for has no grant', async () => {
    const one = await desk('{ effect: write }');
    const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved()))));
    expect(passed(await one.approved(afforded)).grant).toBeUndefined();
    const holds = await one.ledger.holds({ open: false }, AT);
    expect(holds.filter(({ session }) => session === afforded.session.id)).toEqual([]);
  });

  const asked = async (effective: object = {}, rules = HELD) => {
    const one = await desk(rules);
    const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved({ ...effective })))));
    return { ...one, afforded, answer: () => one.approved(afforded) };
  };

  test('one that somebody must be asked for is held once, bound to all that it is', async () => {
    const { answer, ledger, profile, afforded } = await asked({ to: 'ada' });
    const refusal = refusalOf(await answer());
    expect(refusal).toMatchObject({
      reason: 'held',
      hold: {
        target: 'crm.act',
        digest: afforded.digest,
        session: afforded.session.id,
        principal: afforded.principal,
        rules: profile.tools.get('crm.act')?.digest,
        pin: UNPINNED,
        effect: 'write',
        effective: { to: 'ada' },
        needs: [{ kind: 'rule', rule: 'crm.act.approval', reason: 'Look.' }],
        state: 'open',
        placedAt: AT,
      },
    });
    expect(refusalOf(await answer())).toEqual(refusal);
    const holds = await ledger.holds({ open: true }, AT);
    expect(holds.filter(({ session }) => session === afforded.session.id)).toHaveLength(1);
  });

  test('what is approved passes with its grant, what is denied does not, and says why', async () => {
    const yes = await asked();
    const held = refusalOf(await yes.answer());
    if (held.reason !== 'held') throw new Error('it was not held');
    await yes.ledger.decide(held.hold.id, approval);
    expect(passed(await yes.answer()).grant).toMatchObject({ id: held.hold.id, state: 'approved' });

    for (const [because, why] of [
      [undefined, 'a person denied this exact call'],
      ['not him', 'a person denied this exact call: not him'],
    ] as const) {
      const no = await asked();
      const refused = refusalOf(await no.answer());
      if (refused.reason !== 'held') throw new Error('it was not held');
      await no.ledger.decide(refused.hold.id, { ...approval, verdict: 'deny', because });
      expect(refusalOf(await no.answer())).toEqual({ reason: 'denied', rules: [], why, remedy: 'Tell the user.' });
    }
  });

  test('arguments that fill what a person can read are held; one byte more is denied, and nobody is asked', async () => {
    const room = LARGEST_HELD_ARGUMENTS - '{"text":""}'.length;
    expect(refusalOf(await (await asked({ text: 'a'.repeat(room) })).answer()).reason).toBe('held');
    const large = await asked({ text: 'a'.repeat(room + 1) });
    expect(refusalOf(await large.answer())).toMatchObject({
      reason: 'denied',
      why: 'its arguments are over 16 KiB, more than a person can read',
    });
    // Two bytes a letter.
    expect(refusalOf(await (await asked({ text: 'é'.repeat(room / 2 + 1) })).answer()).reason).toBe('denied');
    const holds = await large.ledger.holds({ open: true }, AT);
    expect(holds.filter(({ session }) => session === large.afforded.session.id)).toEqual([]);
  });

  test('a call that ran on its approval is the answer to itself, and nobody is asked again', async () => {
    const one = await desk(HELD, '', EVERYBODY);
    const call = await one.resolved();
    const held = refusalOf(await one.through(call));
    if (held.reason !== 'held') throw new Error('it was not held');
    await one.ledger.decide(held.hold.id, approval);
    passed(await one.through(call));
    const afforded = passed(await one.afforded(passed(await one.judged(await one.resolved()))));
    expect(refusalOf(await one.approved(afforded))).toEqual({ reason: 'repeated', call: call.id, textOnly: true });
  });

  test('where five wait already, one more is denied, and says so', async () => {
    const one = await desk(HELD);
    const ask = async (n: number) => refusalOf(await one.through(await one.resolved({ n })));
    for (const n of [1, 2, 3, 4, 5]) expect((await ask(n)).reason).toBe('held');
    expect(await ask(6)).toEqual({
      reason: 'denied',
      rules: [],
      why: expect.stringMatching(/./),
      remedy: 'Tell the user.',
    });
  });

  test('a session that has placed as many holds as it may asks nobody any more, and says so', async () => {
    const one = await desk(HELD, 'budgets: { session: { approvals: 1 } }\n');
    const ask = async (n: number) => refusalOf(await one.through(await one.resolved({ n })));
    expect((await ask(1)).reason).toBe('held');
    expect(await ask(2)).toEqual({
      reason: 'over_budget',
      overdrawn: { kind: 'approvals', used: 1, cap: 1 },
      currency: 'USD',
    });
  });

  test('where nothing new may be kept nobody is asked, and nothing runs', async () => {
    const bench = await openSqliteBench();
    onTestFinished(() => bench.close());
    const one = deskOn(await bench.reopen({ store: undefined, principal: 10 }), '/work/full', HELD);
    expect(refusalOf(await one.through(await one.resolved({ n: 1 }))).reason).toBe('held');
    expect(refusalOf(await one.through(await one.resolved({ n: 2 })))).toEqual({
      reason: 'over_quota',
      quota: 'principal',
    });
    expect(await one.ledger.holds({ open: false }, AT)).toHaveLength(1);
  });
});
