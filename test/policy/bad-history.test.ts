import { describe, expect, it } from 'vitest';
import { HEAD, problemsIn, ref, SERVERS } from './policy-text.ts';

/** A policy of two tools, of which the second, at line 6, says this (YAML in flow style, from column 12). */
const said = (rules: string, more = ''): string =>
  `${HEAD}${SERVERS}tools:\n  crm.get: { effect: read }\n  crm.act: { effect: write, ${rules} }\n${more}`;
const at = (column: number, message: string): string => `7:${column}: ${message}`;
const ARGUMENT = ref('arguments.NAME');

/** What is wrong, the file, and every problem it must be told: `line:column: message`. */
const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'an earlier tool misspelt',
    said('after: [{ tool: crm.gte }]'),
    [at(45, '"crm.gte" is not in tools; did you mean "crm.get"?')],
  ],
  [
    'an earlier tool that is not listed',
    said('not_after: [{ tool: crm.remove_everything }]'),
    [
      at(
        49,
        '"crm.remove_everything" is not in tools; no rule can ask of a tool that is not here: list it, with "visible: false" where agents are not to call it',
      ),
    ],
  ],
  [
    'tools of since',
    said('after: [{ tool: crm.get, since: [crm.act, crm.acct] }]'),
    [at(71, '"crm.acct" is not in tools; did you mean "crm.act"?')],
  ],
  ['since of nothing', said('after: [{ tool: crm.get, since: [] }]'), [at(61, 'expected a list of at least 1')]],
  ['since of no list', said('after: [{ tool: crm.get, since: all }]'), [at(61, 'expected any, or a list of tools')]],
  ['no tool', said('after: [{ within: 1h }]'), [at(37, '"tool" is missing; expected text')]],
  [
    'a window too long',
    said('after: [{ tool: crm.get, within: 31d }]'),
    [at(62, 'expected a duration of more than 0 and at most 30d')],
  ],
  [
    'since where nothing was asked',
    said('not_after: [{ tool: crm.get, since: any }]'),
    [at(58, 'unknown key "since"; expected one of tool, within, where, per, mode, reason')],
  ],
  [
    'a field that is none of the earlier call',
    said(`after: [{ tool: crm.get, where: { case_id: "${ref('arguments.case_id')}", argument.a: 1 } }]`),
    [
      at(63, 'expected a field of the earlier call: arguments.NAME or output.NAME, or a name within one'),
      at(96, 'expected a field of the earlier call: arguments.NAME or output.NAME, or a name within one'),
    ],
  ],
  [
    'a reference that is not the whole value',
    said(`after: [{ tool: crm.get, where: { output.a: "x-${ref('arguments.a')}" } }]`),
    [at(73, `expected ${ARGUMENT} as the whole value, found "x-${ref('arguments.a')}"`)],
  ],
  [
    'a reference in another place',
    said(`after: [{ tool: crm.get, reason: "${ref('arguments.a')}" }]`),
    [at(62, `${ref('arguments.a')} works in "where", "sum" and the arguments of "shows" only`)],
  ],
  [
    'nothing to compare with',
    said('after: [{ tool: crm.get, where: { output.a: } }]'),
    [at(73, 'expected text or a number or true or false or a mapping, found nothing')],
  ],
  [
    'a rule misspelt',
    said('after: [{ tool: crm.get, where: { output.a: { maximun: 5 } } }]'),
    [at(75, 'unknown key "maximun"; did you mean "maximum"?')],
  ],
  [
    'a rule that would compare with a text of that name',
    said(`after: [{ tool: crm.get, where: { output.a: { const: "${ref('arguments.a')}" } } }]`),
    [at(73, `expected fixed values in a rule; to be the same as an argument it is ${ARGUMENT} itself`)],
  ],
  ['a limit of nothing', said('limits: [{ within: 1h, max: 5 }]'), [at(38, 'expected "count: calls" or "sum"')]],
  [
    'a limit of two things',
    said(`limits: [{ count: calls, sum: "${ref('arguments.a')}", within: 1h, max: 5 }]`),
    [at(38, 'expected "count" or "sum", found both')],
  ],
  [
    'a limit without a window',
    said('limits: [{ count: calls, max: 5 }]'),
    [at(38, '"within" is missing; expected a duration such as 500ms, 20s, 5m or 1h')],
  ],
  [
    'a limit of half a call',
    said('limits: [{ count: calls, within: 1h, max: 1.5 }]'),
    [at(71, 'expected a whole number of at least 1, found 1.5')],
  ],
  [
    'sums out of bounds',
    said(
      `limits: [{ sum: "${ref('arguments.a')}", within: 1h, max: 0.0000001 }, { sum: arguments.a, within: 1h, max: -1 }]`,
    ),
    [
      at(80, 'expected an amount with at most 6 decimals, found 1e-7'),
      at(100, `expected ${ARGUMENT}, found "arguments.a"`),
    ],
  ],
  [
    'whose calls',
    said('limits: [{ count: calls, within: 1h, max: 1, per: user }]'),
    [at(79, 'expected one of session, principal, found "user"')],
  ],
  [
    'a mode',
    said('limits: [{ count: calls, within: 1h, max: 1, mode: enforce }]'),
    [at(80, 'expected observe, found "enforce"')],
  ],
  [
    'a rule that only observes what cannot be undone',
    said('limits: [{ count: calls, within: 1h, max: 1, mode: observe }]').replace(
      'effect: write',
      'effect: irreversible',
    ),
    [at(81, 'nothing irreversible is only observed: take "mode" out, or say what else the effect of this tool is')],
  ],
  [
    'a rule that only observes a tool of which nothing is said',
    said('after: [{ tool: crm.get, mode: observe }]').replace('effect: write, ', ''),
    [at(39, 'nothing irreversible is only observed: take "mode" out, or say what else the effect of this tool is')],
  ],
  [
    'a given call that is of no tool, and one that has ended and has not',
    said(
      '',
      'tests:\n  - { name: a, call: crm.act, expect: allow, given: { calls: [{ call: crm.gte }] } }\n' +
        '  - { name: b, call: crm.act, expect: allow, given: { calls: [{ call: crm.get, in_flight: true, ago: 1s }] } }\n',
    ),
    [
      '9:71: "crm.gte" is not in tools; did you mean "crm.get"?',
      '10:102: a call in flight has not ended: take this out, or "in_flight"',
    ],
  ],
];

describe('a policy with something wrong in its rules over earlier calls is refused, with all that is wrong, where it is', () => {
  it.each(TABLE)('%s', (_, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});
