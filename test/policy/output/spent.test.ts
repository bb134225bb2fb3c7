import { expect, test } from 'vitest';
import type { JsonValue } from '../../../src/domain/json.ts';
import { spentOf } from '../../../src/policy/output/spent.ts';

const spent = (cost: JsonValue | undefined) => spentOf({ structuredContent: { cost } }, ['cost'], 'structured');

test('what a result says that it cost is taken in millionths, rounded up', () => {
  expect([spent(0), spent(0.02), spent(1.5), spent(0.0000001)]).toEqual([0, 20_000, 1_500_000, 1]);
  // As doubles have it 0.07 times a million is a little more than 70,000.
  expect(spent(0.07)).toBe(70_000);
  expect(spentOf({ content: [{ type: 'text', text: '{"a":{"b":2}}' }] }, ['a', 'b'], 'json_text')).toBe(2_000_000);
});

test('what cannot have been spent is no amount, so that all that was claimed stays charged', () => {
  for (const cost of [undefined, null, '1', '', true, [], [1], -0.01, -1, 1e300, Number.NaN, Number.POSITIVE_INFINITY])
    expect(spent(cost)).toBeUndefined();
  expect(spentOf({ content: [] }, ['cost'], 'structured')).toBeUndefined();
});
