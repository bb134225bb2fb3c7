import { describe, expect, test } from 'vitest';
import type { Resolved, Round } from '../../../src/domain/call.ts';
import { definitionOf } from '../../policy/policy-text.ts';
import { AT, desks, passed, refusalOf } from './desk.ts';

const desk = desks();

const ROUND: Round = { number: 1, session: 's', digest: 'd', answers: {} };

describe('judge', () => {
  test('a tool whose rules speak of an argument that it does not have is denied, every time', async () => {
    const one = await desk('{ arguments: { refnd: { maximum: 5 } } }');
    const definition = definitionOf({ type: 'object', properties: { refund: {}, other: {} } });
    for (const _ of [1, 2])
      expect(refusalOf(await one.judged(await one.resolved({}, { definition })))).toMatchObject({
        reason: 'denied',
        rules: [],
        why: expect.stringContaining('arguments.refnd'),
      });
    const fitting = definitionOf({ type: 'object', properties: { refnd: {} } });
    expect(passed(await one.judged(await one.resolved({}, { definition: fitting }))).rules).toEqual(['crm.act']);
  });

  test('a denial names its rules, its reason and the way round', async () => {
    const one = await desk('{ arguments: { x: { maximum: 5 } } }');
    expect(refusalOf(await one.judged(await one.resolved({ x: 6 })))).toEqual({
      reason: 'denied',
      rules: ['crm.act.arguments.x'],
      why: '`x` must be <= 5',
      remedy: 'make the call with `x` <= 5, if that still does what was asked',
    });
  });

  test('labels of the session are judged; of a later round they are judged as answers', async () => {
    const flows = 'flows: [{ id: out, when: { labels: [private], sends_to: external }, then: deny }]\n';
    const one = await desk('{ labels: [private], sends_to: external, effect: write }', flows);
    const call = await one.resolved();
    const touched = { ...call, snapshot: { ...call.snapshot, labels: ['private'] } };
    expect(passed(await one.judged(call)).rules).toEqual(['crm.act']);
    expect(refusalOf(await one.judged(touched))).toMatchObject({ rules: ['flows.out'] });
    expect(passed(await one.judged({ ...touched, round: ROUND })).needs).toEqual([]);
  });

  test('what earlier calls do not allow is denied, and handed on to be asked again where they do', async () => {
    const one = await desk('{ effect: write, limits: [{ count: calls, within: 1h, max: 1 }] }');
    const first = await one.resolved({ n: 1 });
    expect(passed(await one.judged(first)).demands).toHaveLength(1);
    expect((await one.through(first)).ok).toBe(true);
    const second = await one.resolved({ n: 2 });
    expect(refusalOf(await one.judged(second))).toMatchObject({ reason: 'denied', rules: ['crm.act.limits.0'] });
    expect(passed(await one.judged({ ...second, round: ROUND })).demands).toEqual([]);
  });

  test('the very call that runs already is not denied for itself: its result is the answer', async () => {
    const one = await desk('{ effect: write, limits: [{ count: calls, within: 1h, max: 1 }] }');
    const first = await one.resolved({ n: 1 });
    passed(await one.through(first));
    expect(refusalOf(await one.judged(await one.resolved({ n: 1 })))).toEqual({
      reason: 'repeated',
      call: first.id,
      textOnly: false,
    });
  });

  test('a demand that only observes refuses nothing and is told, once it is not met', async () => {
    const one = await desk('{ effect: write, limits: [{ count: calls, within: 1h, max: 1, mode: observe }] }');
    const first = passed(await one.judged(await one.resolved({ n: 1 })));
    expect([first.demands, first.observed]).toEqual([[], []]);
    passed(await one.through(await one.resolved({ n: 1 })));
    const second = await one.resolved({ n: 2 });
    expect(passed(await one.judged(second)).observed).toEqual([
      { rule: 'crm.act.limits.0', would: 'deny', reason: expect.any(String) },
    ]);
    expect(passed(await one.judged({ ...second, round: ROUND })).observed).toEqual([]);
  });

  test('the effect is that of the cases that match', async () => {
    const one = await desk('{ effect: write, cases: [{ id: look, when: {}, then: allow, effect: read }] }');
    expect(passed(await one.judged(await one.resolved())).contract).toMatchObject({ effect: 'read', name: 'act' });
  });

  const FLOW =
    'flows: [{ id: out, when: { labels: [private], sends_to: external }, then: hold, reason: Not yet. Ask. }]\n';
  const watching = async (operation: Resolved['operation'], rest: Partial<Resolved> = {}) => {
    const one = await desk('{ labels: [private], sends_to: external, effect: write, approval: {} }', FLOW);
    const call = await one.resolved({}, { operation, ...rest });
    const judged = (labels: readonly string[]) => one.judged({ ...call, snapshot: { ...call.snapshot, labels } });
    return { plain: await judged([]), touched: await judged(['private']) };
  };

  test.each(['completion/complete', 'resources/subscribe'] as const)(
    '%s waits for nobody: an approval is asked for when it is read, and where a flow would hold it is denied',
    async (operation) => {
      const { plain, touched } = await watching(operation);
      expect(passed(plain).needs).toEqual([]);
      expect(refusalOf(touched)).toEqual({
        reason: 'denied',
        rules: ['flows.out'],
        why: 'Not yet. Ask',
        remedy: undefined,
      });
    },
  );

  test('everything else is held for all its needs, and a later round for none', async () => {
    const { plain, touched } = await watching('tools/call');
    expect(passed(plain).needs.map(({ rule }) => rule)).toEqual(['crm.act.approval']);
    expect(
      passed(touched)
        .needs.map(({ rule }) => rule)
        .toSorted(),
    ).toEqual(['crm.act.approval', 'flows.out']);
    expect(passed((await watching('tools/call', { round: ROUND })).touched).needs).toEqual([]);
    expect(passed((await watching('completion/complete', { round: ROUND })).touched).needs).toEqual([]);
  });

  test('what a person stopped is refused, known by its tool or by the very call, and nothing else is', async () => {
    const one = await desk('{ effect: write }');
    const [first, second] = [await one.resolved({ n: 1 }), await one.resolved({ n: 2 })];
    passed(await one.through(first));
    const stopping = { by: 'ada', why: 'No more.', at: AT };
    const call = passed(await one.ledger.stop({ kind: 'call', key: first.id, ...stopping }));
    expect(refusalOf(await one.judged(await one.resolved({ n: 1 })))).toEqual({ reason: 'stopped', stop: call });
    expect((await one.judged(second)).ok).toBe(true);
    const tool = passed(await one.ledger.stop({ kind: 'tool', key: 'crm.act', ...stopping }));
    expect(refusalOf(await one.judged(second))).toEqual({ reason: 'stopped', stop: tool });
    for (const { id } of [call, tool]) passed(await one.ledger.lift(id, 'ada', 'Go on.', AT));
    expect((await one.judged(second)).ok).toBe(true);
  });
});
