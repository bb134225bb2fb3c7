import { expect, test } from 'vitest';
import { localCaller } from '../../src/domain/principal.ts';
import { RememberedTokens } from '../../src/identity/remembered-tokens.ts';

const NAMED: ReadonlySet<string> = new Set(['department']);

test('so many tokens are remembered and no more: the first goes first', () => {
  const tokens = new RememberedTokens(() => NAMED);
  const ada = localCaller('ada');
  for (let count = 0; count <= 10_000; count++) tokens.remember(`t${count}`, ada, 1);
  expect([tokens.find('t0', 0), tokens.find('t1', 0), tokens.find('t10000', 0)]).toEqual([undefined, ada, ada]);
});

test('what was read by other claims is forgotten once other claims are named', () => {
  let named = NAMED;
  const tokens = new RememberedTokens(() => named);
  const ada = localCaller('ada');
  tokens.find('t', 0);
  tokens.remember('t', ada, 1);
  expect(tokens.find('t', 0)).toBe(ada);
  named = new Set(['department', 'region']);
  expect(tokens.find('t', 0)).toBeUndefined();
  tokens.remember('t', ada, 1);
  expect(tokens.find('t', 0)).toBe(ada);
});
