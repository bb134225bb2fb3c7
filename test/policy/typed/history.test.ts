import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import { ref } from '../policy-text.ts';
import { lockOf, misfitsIn } from './locked.ts';

const object = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...rest });
const text = { type: 'string' };

const lock = lockOf({
  crm: [
    {
      name: 'get_case',
      inputSchema: object({ case_id: text, page: { type: 'integer' } }),
      outputSchema: object({
        case_id: text,
        state: { enum: ['open', 'closed'] },
        who: object({ id: text }, { additionalProperties: false }),
      }),
    },
    { name: 'close_case', inputSchema: object({ case_id: text }) },
    {
      name: 'send',
      inputSchema: object(
        { case_id: text, refund: { type: 'number' }, lines: { $ref: '#/$defs/lines' } },
        { $defs: { lines: { type: 'array' } } },
      ),
    },
  ],
});

const own = ref('arguments.case_id');
const said = (rules: string, others = '') =>
  misfitsIn(`tools:\n  crm.send: ${rules}\n  crm.get_case: {}\n  crm.close_case: {${others}}\n`, lock);

describe('rules over earlier calls, against what both tools take and answer', () => {
  it.each([
    [
      'fit',
      `{ after: [{ tool: crm.get_case, where: { output.case_id: "${own}", arguments.case_id: "${own}", output.state: open, output.who.id: c1, arguments.page: { maximum: 3 } } }], limits: [{ sum: "${ref('arguments.refund')}", where: { arguments.refund: { minimum: 1 } } }] }`,
      [],
    ],
    [
      'name fields that the earlier call has not',
      `{ after: [{ tool: crm.get_case, where: { output.case_di: "${own}", arguments.cas_id: "${own}", output.who.idd: c1, arguments.page.x: 1 } }] }`,
      [
        '2:54: "output.case_di": crm.get_case has no output "case_di"; did you mean "case_id"?',
        '2:94: "arguments.cas_id": crm.get_case has no argument "cas_id"; did you mean "case_id"?',
        '2:136: "output.who.idd": crm.get_case has no member "idd" there; did you mean "id"?',
        '2:156: "arguments.page.x": crm.get_case has no members there: "x" is none',
      ],
    ],
    [
      'name arguments that this call has not',
      `{ not_after: [{ tool: crm.close_case, where: { arguments.case_id: "${ref('arguments.caseid')}" } }], limits: [{ sum: "${ref('arguments.refunds')}" }] }`,
      [
        '2:79: crm.send has no argument "caseid"; did you mean "case_id"?',
        '2:123: crm.send has no argument "refunds"; did you mean "refund"?',
      ],
    ],
    [
      'compare what is never the same',
      `{ after: [{ tool: crm.get_case, where: { arguments.page: "${own}", output.state: opne, arguments.case_id: { maximum: 1 } } }], not_after: [{ tool: crm.get_case, where: { output.case_id: 5 } }] }`,
      [
        '2:70: never the same: arguments.page of crm.get_case is a whole number, and case_id here text',
        '2:108: never "opne": it is one of "open", "closed"',
        '2:144: "maximum" says nothing here: the tool takes text',
        '2:213: never 5: it is text',
      ],
    ],
    [
      'sum what is no number',
      `{ limits: [{ sum: "${own}" }, { count: calls }, { sum: "${ref('arguments.lines')}" }] }`,
      ['2:31: expected the name of a number: case_id is text', '2:82: expected the name of a number: lines is a list'],
    ],
    [
      'ask for the output of a tool that says nothing of it',
      '{ after: [{ tool: crm.close_case, where: { output.done: true } }] }',
      ['2:56: "output.done": crm.close_case declares no output schema: say output.schema of it in this policy'],
    ],
  ])('%s', (_name, rules, problems) => {
    expect(said(rules)).toEqual(problems);
  });

  it('take what the policy says of an output for its schema', () => {
    const rules = '{ after: [{ tool: crm.close_case, where: { output.done: 7, output.dnoe: true } }] }';
    expect(said(rules, 'output: { schema: { properties: { done: { type: boolean } } } }')).toEqual([
      '2:69: never 7: it is true or false',
      '2:72: "output.dnoe": crm.close_case has no output "dnoe"; did you mean "done"?',
    ]);
  });
});
