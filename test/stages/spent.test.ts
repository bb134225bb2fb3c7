import { describe, expect, test } from 'vitest';
import { MICROS } from '../../src/domain/budget.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { type RuledPath, ruledPath } from '../support/ruled-path.ts';

const used = async (path: RuledPath) => (await path.session()).used;

describe('spend that a result says', () => {
  const SPENDS = `tools:
  rough.rough:
    effect: read
    output: { schema: { type: object } }
    spend: { amount: output.bill.cost, max: 0.5 }
budgets: { session: { spend: { max: 2, currency: USD } } }
`;
  const costing = (path: RuledPath, cost: unknown, more: JsonObject = {}) =>
    path.call('rough__rough', {
      do: 'raw',
      result: { content: [], structuredContent: { bill: { cost } }, ...more } as JsonObject,
    });

  test.each([
    ['an amount', 0.125, 0.125],
    ['nothing', 0, 0],
    ['a part of a millionth, which is rounded up', 0.1000001, 0.100001],
    ['all of it', 0.5, 0.5],
    ['more than was claimed', 0.75, 0.5],
    ['less than nothing', -3, 0.5],
    ['no number', '0.1', 0.5],
    ['a number beyond all bounds', 1e300, 0.5],
    ['nothing at all', null, 0.5],
  ])('of %s is charged as far as it was claimed', async (_what, cost, charged) => {
    const path = await ruledPath(SPENDS);
    expect((await costing(path, cost)).outcome).toMatchObject({ outcome: 'ok' });
    expect((await used(path))['spend']).toBe(charged * MICROS);
  });

  test('is not believed of a call that failed', async () => {
    const path = await ruledPath(SPENDS);
    await costing(path, 0, { isError: true });
    expect((await used(path))['spend']).toBe(0.5 * MICROS);
  });

  test('is claimed before: a crowd passes no cap, whatever it costs in the end', async () => {
    const path = await ruledPath(SPENDS);
    const answers = await Promise.all(Array.from({ length: 12 }, () => costing(path, 0.01)));
    const made = answers.filter(({ refusal }) => refusal === undefined).length;
    expect(made).toBeGreaterThanOrEqual(4);
    expect((await used(path))['spend']).toBe(made * 0.01 * MICROS);
  });
});
