import { expect, test } from 'vitest';
import { localCaller } from '../../src/domain/principal.ts';
import { RememberedTokens } from '../../src/identity/remembered-tokens.ts';

test('so many tokens are remembered and no more: the first goes first', () => {
  const tokens = new RememberedTokens();
  const ada = localCaller('ada');
  for (let count = 0; count <= 10_000; count++) tokens.remember(`t${count}`, ada, 1);
  expect([tokens.find('t0', 0), tokens.find('t1', 0), tokens.find('t10000', 0)]).toEqual([undefined, ada, ada]);
});
