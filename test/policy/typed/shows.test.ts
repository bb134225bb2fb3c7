/** What `shows` says, against what the tool that is called and the tool that reads take. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import { ref } from '../policy-text.ts';
import { lockOf, misfitsIn } from './locked.ts';

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
  ...{ type: 'object', properties, additionalProperties: false },
  ...rest,
});
const LOCK = lockOf({
  crm: [
    {
      name: 'send',
      inputSchema: object({ id: { type: 'string' }, n: { type: 'number' }, none: { enum: [] }, any: {} }),
    },
    {
      name: 'peek',
      inputSchema: object(
        { id: { type: 'string' }, most: { type: 'number', maximum: 9 }, never: { enum: [] } },
        { required: ['id', 'most', 7] as never },
      ),
    },
    { name: 'all', inputSchema: object({}) },
  ],
});

/** What does not fit in the `shows` of `crm.send`, which stands at line 2, column 21. */
const misfits = (shows: string): readonly string[] => misfitsIn(`tools:\n  crm.send: { shows: ${shows} }\n`, LOCK);
const [ID, MOST] = [`id: "${ref('arguments.id')}"`, 'most: 5'];
const reads = (given: string): readonly string[] => misfits(`{ tool: crm.peek, arguments: { ${given} } }`);

describe('shows', () => {
  test('fits where each argument that the reader needs is given as it takes it', () => {
    expect(reads(`${ID}, ${MOST}`)).toEqual([]);
    expect(reads(`id: a text, most: "${ref('arguments.n')}"`)).toEqual([]);
    expect(reads(`id: "${ref('arguments.any')}", ${MOST}`)).toEqual([]);
  });

  test('gives all that the reader cannot do without', () => {
    expect(misfits('{ tool: crm.peek }')).toEqual(['2:15: crm.peek needs `id`, `most`']);
    expect(reads(ID)).toEqual(['2:15: crm.peek needs `most`']);
    expect(misfits('{ tool: crm.all }')).toEqual([]);
  });

  test('names arguments that both tools have', () => {
    expect(reads(`${ID}, ${MOST}, idd: x`)).toEqual([expect.stringMatching(/^2:\d+: crm\.peek .*idd/)]);
    expect(reads(`id: "${ref('arguments.idd')}", ${MOST}`)).toEqual([expect.stringMatching(/^2:\d+: crm\.send .*idd/)]);
  });

  test('gives values that the reader takes', () => {
    expect(reads(`${ID}, most: 10`)).toEqual([
      expect.stringMatching(/^2:\d+: crm\.peek never takes 10 here: it takes .*9/),
    ]);
    expect(reads(`${ID}, most: many`)).toEqual([expect.stringContaining('crm.peek never takes "many" here')]);
    expect(reads(`id: "${ref('arguments.n')}", ${MOST}`)).toEqual([
      expect.stringMatching(/^2:\d+: crm\.peek never takes this: n is .*number.*, and it takes .*text/),
    ]);
  });

  test('says nothing of what a schema itself lets nothing be', () => {
    expect(reads(`${ID}, ${MOST}, never: 1`)).toEqual([]);
    expect(reads(`id: "${ref('arguments.none')}", ${MOST}`)).toEqual([]);
    expect(reads(`${ID}, ${MOST}, never: "${ref('arguments.n')}"`)).toEqual([]);
  });

  test('is judged by the other places where it is none, or names a tool that is not locked', () => {
    expect(misfits('7')).toEqual([]);
    expect(misfits('{ tool: crm.gone, arguments: { x: 1 } }')).toEqual([]);
  });
});
