import { expect, test } from 'vitest';
import { localCaller } from '../../src/domain/principal.ts';
import { FOR_GOOD } from '../../src/identity/issuers/key-source.ts';
import { RememberedTokens } from '../../src/identity/remembered-tokens.ts';

const NAMED: ReadonlySet<string> = new Set(['department']);

test('so many tokens are remembered and no more: the first goes first', () => {
  const tokens = new RememberedTokens(() => NAMED);
  const ada = localCaller('ada');
  for (let count = 0; count <= 10_000; count++)
    tokens.remember(`t${count}`, { caller: ada, until: 1, lease: FOR_GOOD });
  expect([tokens.find('t0', 0), tokens.find('t1', 0), tokens.find('t10000', 0)]).toEqual([undefined, ada, ada]);
});

test('one that was verified with what does not stand any more is not remembered', () => {
  const tokens = new RememberedTokens(() => NAMED);
  const ada = localCaller('ada');
  tokens.remember('t', { caller: ada, until: 3, lease: { stands: (at) => at < 2 } });
  expect([tokens.find('t', 1), tokens.find('t', 2), tokens.find('t', 1)]).toEqual([ada, undefined, undefined]);
});

test('what was read by other claims is forgotten once other claims are named', () => {
  let named = NAMED;
  const tokens = new RememberedTokens(() => named);
  const ada = localCaller('ada');
  const verified = { caller: ada, until: 1, lease: FOR_GOOD };
  tokens.find('t', 0);
  tokens.remember('t', verified);
  expect(tokens.find('t', 0)).toBe(ada);
  named = new Set(['department', 'region']);
  expect(tokens.find('t', 0)).toBeUndefined();
  tokens.remember('t', verified);
  expect(tokens.find('t', 0)).toBe(ada);
});
