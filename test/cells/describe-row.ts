/** The tests of one server: every feature, with each of the four clients, through one gateway. */
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Cell, type Row, SIDES, type Side } from './cell.ts';
import { FEATURES } from './features/all.ts';
import { type Feature, has } from './features/feature.ts';

/** Long enough for any machine, and short enough for a broken feature. Milliseconds. */
const WITHIN = 15_000;

const client = ({ era, over }: Side): string => `${era} client over ${over}`;
const server = ({ era, over }: Side): string => `${era} server over ${over}`;

export function describeRow(
  answers: Side,
  open: (server: Side) => Promise<Row>,
  sides = SIDES,
  without: readonly string[] = [],
): void {
  let row: Promise<Row>;
  beforeAll(async () => {
    row = open(answers);
    await row;
  });
  afterAll(async () => (await row).close());

  describe.each(sides.map((asks) => [client(asks), asks] as const))('%s', (who, asks) => {
    let cell: Cell;
    beforeAll(async () => {
      cell = await (await row).cell(asks);
    });
    const features = FEATURES.filter((one) => has(one, asks.era, answers.era) && !without.includes(one.name));
    test.each(features.map((one): [string, Feature] => [`${one.name}: ${who}, ${server(answers)}`, one]))(
      '%s',
      (_, feature) => feature.check(cell),
      WITHIN,
    );
  });
}
