import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Condition, type Demand, firstUnmet, type PastCall } from '../../src/domain/history.ts';

const AT = 1_000;

/** A call that succeeded at 900 and kept nothing. */
const call = (rest: Partial<PastCall> = {}): PastCall => ({
  target: 'crm.act',
  at: 890,
  settledAt: 900,
  outcome: 'ok',
  fields: {},
  ...rest,
});
const asked = { rule: 'r', per: 'session', target: 'crm.act', where: [], reason: 'no', remedy: undefined } as const;
const succeeded = (rest: object = {}): Demand => ({
  ...asked,
  kind: 'after',
  within: undefined,
  since: undefined,
  ...rest,
});
const notAfter = (rest: object = {}): Demand => ({ ...asked, kind: 'not_after', within: undefined, ...rest });
const limit = (rest: object = {}): Demand => ({
  ...asked,
  kind: 'limit',
  within: 100,
  field: undefined,
  adds: 1,
  most: 2,
  ...rest,
});

/** What `Past` promises: of this target, and nothing that ended before `since`. */
const among =
  (calls: readonly PastCall[]) =>
  (_per: string, target: string | undefined, since: number): readonly PastCall[] =>
    calls.filter(
      (one) =>
        (target === undefined || one.target === target) && (one.settledAt === undefined || one.settledAt >= since),
    );
const unmet = (demand: Demand, ...calls: readonly PastCall[]) => firstUnmet([demand], among(calls), AT);
const isMet = (demand: Demand, ...calls: readonly PastCall[]) => unmet(demand, ...calls) === undefined;

describe('after', () => {
  test('wants a call that ended well; one in flight, failed, withheld or unknown is none', () => {
    expect(isMet(succeeded(), call())).toBe(true);
    expect(isMet(succeeded(), call({ outcome: 'executed' }))).toBe(true);
    expect(isMet(succeeded())).toBe(false);
    expect(isMet(succeeded(), call({ settledAt: undefined, outcome: undefined }))).toBe(false);
    for (const outcome of ['tool_error', 'rpc_error', 'withheld', 'not_sent', 'not_executed', 'unknown'] as const)
      expect(isMet(succeeded(), call({ outcome }))).toBe(false);
  });

  test('of its window its edge is the first moment in it', () => {
    expect(isMet(succeeded({ within: 100 }), call({ settledAt: 900 }))).toBe(true);
    expect(firstUnmet([succeeded({ within: 100 })], () => [call({ settledAt: 899 })], AT)).toBeDefined();
  });

  test('what was made in between, or was under way when it ended, spoils it, and so does what ended with it; what ended before or was not sent does not', () => {
    const demand = succeeded({ since: ['crm.change'] });
    const change = (rest: Partial<PastCall>) => call({ target: 'crm.change', ...rest });
    expect(isMet(demand, call(), change({ settledAt: 901 }))).toBe(false);
    expect(isMet(demand, call(), change({ settledAt: undefined, outcome: undefined }))).toBe(false);
    expect(isMet(demand, call(), change({ settledAt: 900 }))).toBe(false);
    expect(isMet(demand, call(), change({ settledAt: 899 }))).toBe(true);
    for (const outcome of ['not_sent', 'not_executed'] as const)
      expect(isMet(demand, call(), change({ settledAt: 950, outcome }))).toBe(true);
    expect(isMet(demand, call(), change({ settledAt: 950, outcome: 'executed' }))).toBe(false);
    expect(isMet(demand, call(), call({ target: 'crm.other', settledAt: 950 }))).toBe(true);
    expect(isMet(succeeded({ since: 'any' }), call(), call({ target: 'crm.other', settledAt: 950 }))).toBe(false);
    expect(isMet(succeeded({ since: 'any' }), call())).toBe(true);
  });

  test('what spoils it counts however long ago it was, where the earlier call has no window', () => {
    expect(
      isMet(succeeded({ since: 'any' }), call({ settledAt: 1 }), call({ target: 'crm.other', settledAt: 2 })),
    ).toBe(false);
  });

  test('of what was called, all that is asked must be so; what was not kept, or is not there to be compared, is not so', () => {
    const wanting = succeeded({
      where: [
        { field: 'x', is: 'd' },
        { field: 'y', is: 1 },
      ],
    });
    expect(isMet(wanting, call({ fields: { x: 'd', y: 1 } }))).toBe(true);
    for (const fields of [{ x: 'd' }, { x: 'd', y: 2 }, { x: 'e', y: 1 }, {}] as const)
      expect(isMet(wanting, call({ fields: { ...fields } }))).toBe(false);
    expect(isMet(succeeded({ where: [{ field: 'x', is: undefined }] }), call({ fields: { x: 'd' } }))).toBe(false);
  });

  test('what ended later than now, before the clock was set back, is in no window and in front of nothing', () => {
    const late = call({ settledAt: AT + 1 });
    expect(isMet(succeeded(), late)).toBe(true);
    expect(isMet(succeeded({ within: 100 }), late)).toBe(false);
    expect(isMet(succeeded({ since: ['crm.change'] }), late)).toBe(false);
    expect(isMet(succeeded({ within: 100 }), call({ settledAt: AT }))).toBe(true);
    // It may have come in between.
    expect(isMet(succeeded({ since: ['crm.act'] }), call(), late)).toBe(false);
    expect(isMet(succeeded({ since: ['crm.act'] }), call(), call({ settledAt: 850 }))).toBe(true);
  });

  test('the last that succeeded counts', () => {
    const demand = succeeded({ since: ['crm.change'] });
    const change = call({ target: 'crm.change', settledAt: 800 });
    expect(isMet(demand, call({ settledAt: 700 }), change, call({ settledAt: 850 }))).toBe(true);
    expect(isMet(demand, call({ settledAt: 850 }), change, call({ settledAt: 700 }))).toBe(true);
  });
});

describe('a limit', () => {
  test('says what is used of it, and when the first of that is free again', () => {
    const calls = [call({ settledAt: 950 }), call({ settledAt: 930 })];
    expect(unmet(limit(), ...calls)).toMatchObject({ used: 2, freesAt: 1_030 });
    expect(unmet(limit(), ...calls, call({ settledAt: undefined, outcome: undefined }))).toMatchObject({
      used: 3,
      freesAt: 1_030,
    });
  });

  test('where nothing is used, no wait frees any', () => {
    expect(unmet(limit({ adds: 3 }))).toEqual({ demand: limit({ adds: 3 }), used: 0, freesAt: undefined });
  });

  test('of calls in flight alone, some may be free a whole window from now', () => {
    const flying = call({ settledAt: undefined, outcome: undefined });
    expect(unmet(limit(), flying, flying)).toMatchObject({ used: 2, freesAt: 1_100 });
  });

  test('with an amount that was not kept cannot be told, and is passed', () => {
    const demand = limit({ field: 'sum', most: 1_000 });
    expect(isMet(demand, call({ settledAt: 950, fields: { sum: 999 } }))).toBe(true);
    expect(unmet(demand, call({ settledAt: 950 }))).toMatchObject({ used: Number.POSITIVE_INFINITY });
    expect(isMet(demand, call({ settledAt: 950, fields: { sum: 'sha256:x' } }))).toBe(false);
  });
});

test('no demand but a limit says what is used', () => {
  for (const demand of [succeeded(), notAfter()])
    expect(firstUnmet([demand], () => [call({ fields: {} })].slice(demand.kind === 'after' ? 1 : 0), AT)).toEqual({
      demand,
      used: undefined,
      freesAt: undefined,
    });
});

test('the first that is not met is the answer; none is needed where nothing is asked', () => {
  expect(firstUnmet([], () => [], AT)).toBeUndefined();
  expect(firstUnmet([limit(), succeeded({ rule: 'one' }), succeeded({ rule: 'two' })], () => [], AT)?.demand.rule).toBe(
    'one',
  );
});

/** The design page once more, as sentences over all calls. In flight is for ever. */
function holds(demand: Demand, calls: readonly PastCall[]): boolean {
  const end = (one: PastCall) => one.settledAt ?? Number.POSITIVE_INFINITY;
  const from = AT - (demand.within ?? Number.POSITIVE_INFINITY);
  const sent = calls.filter((one) => one.outcome !== 'not_sent');
  const alike = (one: PastCall, inDoubt: boolean) =>
    one.target === demand.target &&
    demand.where.every(({ field, is }) =>
      one.fields[field] === undefined || is === undefined ? inDoubt : one.fields[field] === is,
    );
  if (demand.kind === 'after') {
    const spoils = (one: PastCall) => demand.since === 'any' || demand.since?.includes(one.target) === true;
    const succeeded = calls.filter((one) => one.outcome === 'ok' && one.settledAt !== undefined && alike(one, false));
    // What ends later than now was made before the clock was set back.
    const datable = demand.within === undefined && demand.since === undefined ? Number.POSITIVE_INFINITY : AT;
    return succeeded.some(
      (one) =>
        end(one) >= from &&
        end(one) <= datable &&
        !sent.some(
          (other) =>
            spoils(other) && (end(other) > end(one) || (end(other) === end(one) && !succeeded.includes(other))),
        ),
    );
  }
  const counted = sent.filter((one) => end(one) > from && alike(one, true));
  if (demand.kind === 'not_after') return counted.length === 0;
  const { field } = demand;
  const amounts = counted.map((one) => (field === undefined ? 1 : one.fields[field]));
  if (!amounts.every((one) => typeof one === 'number')) return false;
  return amounts.reduce((sum, one) => sum + one, demand.adds) <= demand.most;
}

const target = fc.constantFrom('a', 'b');
const fields = fc.dictionary(fc.constantFrom('x', 'y'), fc.constantFrom(0, 1, 2, 'd', true, false), { maxKeys: 2 });
const calls = fc.array(
  fc.oneof(
    fc.record({
      target,
      at: fc.constant(0),
      settledAt: fc.integer({ min: 995, max: 1_001 }),
      outcome: fc.constantFrom('ok', 'ok', 'tool_error', 'withheld', 'not_sent', 'unknown'),
      fields,
    }),
    fc.record({
      target,
      at: fc.constant(0),
      settledAt: fc.constant(undefined),
      outcome: fc.constant(undefined),
      fields,
    }),
  ),
  { maxLength: 5 },
) as fc.Arbitrary<readonly PastCall[]>;
const condition: fc.Arbitrary<Condition> = fc.record({
  field: fc.constantFrom('x', 'y'),
  is: fc.constantFrom(0, 1, 'd', true, undefined),
});
const where = fc.array(condition, { maxLength: 2 });
const within = fc.integer({ min: 0, max: 6 });
const maybe = fc.option(within, { nil: undefined });
const demand: fc.Arbitrary<Demand> = fc
  .oneof(
    fc.record({
      kind: fc.constant('after'),
      within: maybe,
      since: fc.constantFrom(undefined, 'any', ['a'], ['b'], ['a', 'b']),
    }),
    fc.record({ kind: fc.constant('not_after'), within: maybe }),
    fc.record({
      kind: fc.constant('limit'),
      within,
      field: fc.constantFrom(undefined, 'x'),
      adds: fc.integer({ min: 0, max: 2 }),
      most: fc.integer({ min: 0, max: 4 }),
    }),
  )
  .chain((kind) => fc.record({ target, where }).map((rest) => ({ ...asked, ...rest, ...kind }) as unknown as Demand));

test('any demand over any calls is met where the design says so', () => {
  fc.assert(
    fc.property(demand, calls, (one, past) => {
      expect(firstUnmet([one], among(past), AT) === undefined).toBe(holds(one, past));
    }),
    { numRuns: 3_000 },
  );
});

test('it is all the same whether the ledger leaves out what ended too early', () => {
  const all =
    (past: readonly PastCall[]) =>
    (_per: string, of: string | undefined): readonly PastCall[] =>
      past.filter((one) => of === undefined || one.target === of);
  fc.assert(
    fc.property(demand, calls, (one, past) => {
      expect(firstUnmet([one], all(past), AT)).toEqual(firstUnmet([one], among(past), AT));
    }),
    { numRuns: 500 },
  );
});

test('of whose calls it speaks is handed to who knows them', () => {
  const heard: unknown[] = [];
  const past = (per: string, of: string | undefined) => {
    heard.push([per, of]);
    return [call({ target: of ?? 'crm.act', settledAt: of === 'crm.b' ? 800 : 950 })];
  };
  firstUnmet([succeeded({ per: 'principal', since: ['crm.b'] }), limit({ per: 'principal', most: 1 })], past, AT);
  expect(heard).toEqual([
    ['principal', 'crm.act'],
    ['principal', 'crm.b'],
    ['principal', 'crm.act'],
  ]);
});
