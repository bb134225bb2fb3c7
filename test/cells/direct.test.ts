/** The servers and clients of the cells without a gateway, each era with its own: what fails here is no fault of the gateway. */
import { describe } from 'vitest';
import { alone, SIDES } from './cell.ts';
import { describeRow } from './describe-row.ts';

/** What the gateway does, and no server alone. */
const OURS = [
  'caching fields, private whatever the server says',
  'elicitation by URL: asked for by an error',
  'revision 2025-03-26',
  'revision 2024-11-05',
];

describe.each(SIDES.map((side) => [`${side.era} over ${side.over}`, side] as const))(
  '%s, without a gateway',
  (_, side) => {
    describeRow(side, alone, [side], OURS);
  },
);
