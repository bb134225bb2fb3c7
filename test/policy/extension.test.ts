import { expect, test } from 'vitest';
import { readExtension } from '../../src/policy/file/extension.ts';

test.each([
  [['50'], ['calls'], { calls: 50 }],
  [['2.50'], ['spend'], { spend: 2_500_000 }],
  [['30m'], ['runtime'], { runtime: 1_800_000 }],
  [['calls=50', 'spend=0.1'], ['calls', 'spend'], { calls: 50, spend: 100_000 }],
  [['searches=3'], ['searches'], { searches: 3 }],
  [['12'], ['spend'], { spend: 12_000_000 }],
  [[], ['calls'], undefined],
])('%j of %j is read in the unit of the kind', (written, asked, extend) => {
  expect(readExtension(written, asked)).toEqual({ ok: true, value: extend });
});

test.each([
  [['50'], [], 'This call asks for no budget: approve it without --extend.'],
  [['50'], ['calls', 'spend'], 'Say of what: --extend calls=AMOUNT --extend spend=AMOUNT.'],
  [['0'], ['calls'], 'calls are extended by a whole number such as 50, not "0".'],
  [['-5'], ['calls'], 'calls are extended by a whole number such as 50, not "-5".'],
  [['1e3'], ['calls'], 'calls are extended by a whole number such as 50, not "1e3".'],
  [['2,50'], ['spend'], 'Spend is extended by an amount such as 2.50, not "2,50".'],
  [['0.0000001'], ['spend'], 'Spend is extended by an amount such as 2.50, not "0.0000001".'],
  [['0'], ['spend'], 'Spend is extended by an amount such as 2.50, not "0".'],
  [['+2.50'], ['spend'], 'Spend is extended by an amount such as 2.50, not "+2.50".'],
  [['0x12'], ['spend'], 'Spend is extended by an amount such as 2.50, not "0x12".'],
  [['1e3'], ['spend'], 'Spend is extended by an amount such as 2.50, not "1e3".'],
  [['0s'], ['runtime'], 'Runtime is extended by a duration such as 30m, not "0s".'],
  [['+calls=5'], ['calls'], 'calls are extended by a whole number such as 50, not "+calls=5".'],
  [['30'], ['runtime'], 'Runtime is extended by a duration such as 30m, not "30".'],
  [['calls=1', 'calls=2'], ['calls'], 'calls is extended twice.'],
])('%j of %j is refused, with what to write', (written, asked, error) => {
  expect(readExtension(written, asked)).toEqual({ ok: false, error });
});
