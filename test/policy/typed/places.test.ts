/** What a policy says of places in calls and results, against what the locked tools have there. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import { spendMisfits } from '../../../src/policy/typed/spend-problems.ts';
import { definitionOf, ref } from '../policy-text.ts';
import { lockOf, misfitsIn } from './locked.ts';

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...rest });
const number = { type: 'number' };
const text = { type: 'string' };

describe('where a result says what a call cost', () => {
  const told = (part: JsonObject, outputSchema?: JsonObject) => {
    const definition = definitionOf(object({}), outputSchema === undefined ? {} : { outputSchema });
    return spendMisfits(part, { target: 'crm.act', definition }, ['tools', 'crm.act']);
  };
  const amount = (said: unknown) => ({ spend: { amount: said } }) as JsonObject;
  const at = (message: string) => [{ path: ['tools', 'crm.act', 'spend', 'amount'], of: 'value', message }];

  test('it is a number that the result has', () => {
    const schema = object({ cost: number, bill: object({ sum: number }), who: text });
    expect(told(amount('output.cost'), schema)).toEqual([]);
    expect(told(amount('output.bill.sum'), schema)).toEqual([]);
    expect(told(amount('output.who'), schema)).toEqual(at('expected the name of a number: who is text'));
    expect(told(amount('output.bill.who.x'), object({ bill: object({ who: text }) }))).toEqual(
      at('crm.act has no members there: "x" is none'),
    );
    expect(told(amount('output.coast'), schema)).toEqual(at('crm.act has no output "coast"; did you mean "cost"?'));
  });

  test('it must be declared, by the server or by the policy', () => {
    expect(told(amount('output.cost'))).toEqual(
      at('crm.act declares no output schema: say output.schema of it in this policy'),
    );
    expect(told({ ...amount('output.cost'), output: { schema: object({ cost: number }) } })).toEqual([]);
    expect(told({ ...amount('output.cost'), output: { schema: object({ cost: text }) } })).toHaveLength(1);
    expect(
      told({ ...amount('output.cost'), output: { schema: object({ cost: text }) } }, object({ cost: number })),
    ).toEqual([]);
  });

  test('a fixed amount, and what is no place, is told elsewhere', () => {
    for (const said of [0.02, undefined, 'input.cost', 'output', 'output.', 'output..a', 'arguments.cost', {}])
      expect(told(amount(said))).toEqual([]);
    expect(told({})).toEqual([]);
    expect(told({ spend: 'output.cost' })).toEqual([]);
  });
});

describe('rules over earlier calls', () => {
  const lock = lockOf({
    crm: [
      {
        name: 'get',
        inputSchema: object({ page: number, note: { enum: [7, 'a'] } }),
        outputSchema: object({ n: number }),
      },
      { name: 'send', inputSchema: object({ page: number, kind: text }) },
    ],
  });
  const said = (rules: string) => misfitsIn(`tools:\n  crm.send: { ${rules} }\n  crm.get: {}\n`, lock);

  test('compare what can be the same', () => {
    expect(said(`after: [{ tool: crm.get, where: { output.n: "${ref('arguments.page')}" } }]`)).toEqual([]);
    expect(said(`after: [{ tool: crm.get, where: { output.n: "${ref('arguments.kind')}" } }]`)).toEqual([
      expect.stringContaining('never the same: output.n of crm.get is a number, and kind here text'),
    ]);
    expect(said('after: [{ tool: crm.get, where: { output.n: x } }]')).toEqual([expect.stringContaining('never "x"')]);
    expect(said('after: [{ tool: crm.get, where: { output.n: 1 } }]')).toEqual([]);
  });

  test('are read with the doubt of their kind: what must surely hold, and what must surely not', () => {
    // Of seven it is false and of a text it says nothing: nothing surely meets it, and a text perhaps does.
    const where = 'where: { arguments.note: { maximum: 5 } }';
    expect(said(`after: [{ tool: crm.get, ${where} }]`)).toEqual([expect.stringContaining('no value')]);
    expect(said(`not_after: [{ tool: crm.get, ${where} }]`)).toEqual([]);
    expect(
      misfitsIn(`tools:\n  crm.get: { limits: [{ count: calls, within: 1h, max: 5, ${where} }] }\n`, lock),
    ).toEqual([]);
  });

  test('add up a number', () => {
    expect(said(`limits: [{ sum: "${ref('arguments.page')}", within: 1h, max: 5 }]`)).toEqual([]);
    expect(said(`limits: [{ sum: "${ref('arguments.kind')}", within: 1h, max: 5 }]`)).toEqual([
      expect.stringContaining('expected the name of a number: kind is text'),
    ]);
  });
});

describe('rules on arguments', () => {
  const lock = lockOf({ crm: [{ name: 'act', inputSchema: object({ note: { enum: [7, 'a'] } }) }] });
  const said = (rules: string) => misfitsIn(`tools: { crm.act: { ${rules} } }\n`, lock);
  const CASE = (verdict: string) => `cases: [{ id: one, when: { note: { maximum: 5 } }, then: ${verdict} }]`;

  test('and in cases that allow are met for sure; in those that hold or deny perhaps', () => {
    expect(said('arguments: { note: { maximum: 5 } }')).toEqual([expect.stringContaining('no value')]);
    expect(said(CASE('allow'))).toEqual([expect.stringContaining('no value')]);
    expect(said(CASE('hold'))).toEqual([]);
    expect(said(CASE('deny'))).toEqual([]);
  });
});

describe('patterns of tools', () => {
  test('stand for the tools of their own server alone', () => {
    const lock = lockOf({
      crm: [{ name: 'get', inputSchema: object({ a: number }) }],
      desk: [{ name: 'get', inputSchema: object({ b: number }) }],
    });
    expect(misfitsIn('tools: { "crm.*": { arguments: { a: { maximum: 1 } } } }\n', lock)).toEqual([]);
    expect(misfitsIn('tools: { "crm.*": { arguments: { b: { maximum: 1 } } } }\n', lock)).toHaveLength(1);
  });
});

describe('rules within rules', () => {
  const items = { type: 'array', items: { enum: ['a', 'b'] } };
  const lock = lockOf({ crm: [{ name: 'act', inputSchema: object({ list: items, one: { enum: ['a', 'b'] } }) }] });
  const said = (rules: string) => misfitsIn(`tools: { crm.act: { arguments: { ${rules} } } }\n`, lock);

  test('are held against what stands there: by place, and each of several', () => {
    expect(said('list: { prefixItems: [{ enum: [a] }] }')).toEqual([]);
    expect(said('list: { prefixItems: [{ enum: [c, a] }] }')).toEqual([expect.stringContaining('never takes "c"')]);
    for (const key of ['allOf', 'anyOf']) {
      expect(said(`one: { ${key}: [{ enum: [a] }] }`)).toEqual([]);
      expect(said(`one: { ${key}: [{ enum: [c, a] }] }`)).toEqual([expect.stringContaining('never takes "c"')]);
    }
  });
});

describe('an earlier tool that a pattern stands for', () => {
  test('is held against what the tool takes, and against the output that the pattern says', () => {
    const lock = lockOf({
      crm: [
        { name: 'get_a', inputSchema: object({ a: number }) },
        { name: 'get_b', inputSchema: object({ b: number }) },
        { name: 'send', inputSchema: object({}) },
      ],
    });
    const said = (field: string) =>
      misfitsIn(
        `tools:\n  "crm.get_*": { output: { schema: { type: object, properties: { n: { type: number } }, additionalProperties: false } } }\n  crm.send: { after: [{ tool: crm.get_a, where: { ${field}: 1 } }] }\n`,
        lock,
      );
    expect([said('arguments.a'), said('output.n')]).toEqual([[], []]);
    expect(said('arguments.c')).toEqual([expect.stringContaining('has no argument "c"')]);
    expect(said('output.m')).toEqual([expect.stringContaining('has no output "m"')]);
  });
});
