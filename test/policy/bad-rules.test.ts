import { describe, expect, it } from 'vitest';
import { HEAD, later, problemsIn, SERVERS, saidOfTool } from './policy-text.ts';

const start = HEAD + SERVERS;
const rule = (keywords: string) => saidOfTool(`{ arguments: { a: ${keywords} } }`);
const session = (caps: string) =>
  `${start}tools: { crm.act: { charges: { searches: 1 }, spend: { amount: 1 } } }\nbudgets: { session: ${caps} }\n`;

const LATER_OF_TOOLS = ['retry', 'verify', 'repeat', 'mode'];

/** What is wrong, the file, and every problem it must be told: `line:column: message`. */
const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'all of a tool that comes later',
    `${start}tools:\n  crm.act:\n${LATER_OF_TOOLS.map((key) => `    ${key}: x\n`).join('')}`,
    LATER_OF_TOOLS.map((key, at) => `${at + 7}:5: ${later(`"${key}"`)}`),
  ],
  [
    'an effect and a duration',
    saidOfTool('{ effect: wirte, timeout: 20 }'),
    [
      '5:29: expected one of read, draft, write, irreversible, found "wirte"; did you mean "write"?',
      '5:45: expected a duration such as 500ms, 20s, 5m or 1h, found "20"',
    ],
  ],
  [
    'durations out of bounds',
    saidOfTool('{ timeout: 61m }').replace(
      'crm.act:',
      'crm.now: { timeout: 0s }, crm.odd: { timeout: 1d }, crm.off: { timeout: 1w }, crm.act:',
    ),
    [
      '5:30: expected a duration of more than 0 and at most 1h',
      '5:56: expected a duration of more than 0 and at most 1h',
      '5:82: expected a duration such as 500ms, 20s, 5m or 1h, found "1w"',
      '5:108: expected a duration of more than 0 and at most 1h',
    ],
  ],
  ['a keyword misspelt', rule('{ maximun: 5 }'), ['5:39: unknown key "maximun"; did you mean "maximum"?']],
  [
    'a keyword of no rule',
    rule('{ type: string, $ref: "#" }'),
    [
      '5:53: unknown key "$ref"; expected one of type, enum, const, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength, maxLength, pattern, path, url, email, within, hosts, schemes, domains, items, prefixItems, contains, minItems, maxItems, uniqueItems, properties, required, additionalProperties, minProperties, maxProperties, anyOf, allOf, not',
    ],
  ],
  ['a rule that says nothing', rule('{}'), ['5:37: expected at least one keyword, such as enum, maximum or pattern']],
  [
    'a range without a value',
    rule('{ minimum: 5, maximum: 3, minLength: 2, maxLength: 1 }'),
    [
      '5:48: no value can meet this: minimum is 5 and maximum is 3',
      '5:74: no value can meet this: minLength is 2 and maxLength is 1',
    ],
  ],
  [
    'an open range around one point',
    rule('{ exclusiveMinimum: 5, maximum: 5 }'),
    ['5:57: no value can meet this: exclusiveMinimum is 5 and maximum is 5'],
  ],
  [
    'a keyword for another type',
    rule('{ type: string, maximum: 1 }'),
    ['5:62: "maximum" says nothing about the type string'],
  ],
  [
    'types',
    rule('{ anyOf: [{ type: strng }, { type: [string, 5] }, { type: {} }] }'),
    [
      '5:55: expected one of null, boolean, object, array, number, integer, string, found "strng"; did you mean "string"?',
      '5:81: expected one of null, boolean, object, array, number, integer, string, found 5',
      '5:95: expected one of null, boolean, object, array, number, integer, string or a list, found a mapping',
    ],
  ],
  [
    'a pattern that needs backtracking',
    rule('{ pattern: "(?=a)" }'),
    ['5:48: expected a pattern in RE2 syntax: invalid or unsupported Perl syntax: `(?=`'],
  ],
  [
    'operands',
    rule('{ enum: [], minLength: -1, maxItems: 1.5, multipleOf: 0, items: 5, required: [1], uniqueItems: false }'),
    [
      '5:45: expected a list of at least 1',
      '5:60: expected a number of at least 0, found -1',
      '5:74: expected a whole number, found 1.5',
      '5:91: expected a number of more than 0, found 0',
      '5:101: expected false or a mapping, found 5',
      '5:115: expected text, found 1',
      '5:132: expected true, found false',
    ],
  ],
  [
    'a rule deep inside',
    rule('{ items: { properties: { b: { not: { minimun: 1 } } } } }'),
    ['5:74: unknown key "minimun"; did you mean "minimum"?'],
  ],
  ['no case', saidOfTool('{ cases: [] }'), ['5:28: expected a list of at least 1']],
  [
    'cases',
    saidOfTool('{ cases: [{ id: a, when: {}, then: alow, effect: read, approval: {} }, { id: 1b, then: deny }, x] }'),
    [
      '5:54: expected one of allow, hold, deny, found "alow"; did you mean "allow"?',
      '5:90: "when" is missing; expected a mapping',
      '5:96: expected an id: letters, digits, "-" and "_", a letter first',
      '5:114: expected a mapping, found "x"',
    ],
  ],
  [
    'a case named twice',
    saidOfTool('{ cases: [{ id: a, when: {}, then: hold }, { id: a, when: {}, then: deny }] }'),
    ['5:68: the id "a" is used twice in this tool'],
  ],
  [
    'an approval that nothing asks for',
    saidOfTool('{ cases: [{ id: a, when: {}, then: allow }], approval: {} }'),
    ['5:74: unused: no case of this tool says "then: hold"'],
  ],
  [
    'approvals that come later',
    saidOfTool(
      '{ approval: { proof: passkey, quorum: 2, approvers: [], answer_within: 1h, use_within: 1h, allow_requester: true, uses: 2 } }',
    ),
    [
      `5:40: ${later('proof: passkey')}`,
      `5:49: ${later('"quorum"')}`,
      `5:60: ${later('"approvers"')}`,
      `5:75: ${later('"answer_within"')}`,
      `5:94: ${later('"use_within"')}`,
      `5:110: ${later('"allow_requester"')}`,
      `5:133: ${later('"uses"')}`,
    ],
  ],
  [
    'a proof that nobody has',
    saidOfTool('{ approval: { proof: pasphrase } }'),
    ['5:40: expected passphrase, found "pasphrase"; did you mean "passphrase"?'],
  ],
  [
    'charges',
    saidOfTool('{ charges: { calls: 1, Searches: 1, pages: 0.5, retries: 1, clicks: 0 } }'),
    [
      '5:32: this kind of budget counts by itself and cannot be charged',
      '5:42: expected the name of a class: lower-case letters, digits and "_", a letter first',
      '5:62: expected a whole number, found 0.5',
      '5:67: this kind of budget counts by itself and cannot be charged',
      '5:87: expected a number of at least 1, found 0',
    ],
  ],
  [
    'spend finer than a millionth',
    saidOfTool('{ spend: { amount: 0.0000001, class: low } }'),
    ['5:38: expected an amount with at most 6 decimals, found 1e-7'],
  ],
  [
    'spend that pays the agent',
    saidOfTool('{ spend: { amount: -1 } }'),
    ['5:38: expected an amount from 0 to 1000000000, found -1'],
  ],
  ['spend of nothing', saidOfTool('{ spend: { amount: 0 } }'), ['5:38: expected an amount of more than 0']],
  [
    'budgets of a principal that come later',
    `${saidOfTool('{ spend: { amount: 1 } }')}budgets: { principal: { spend: 5/day, refusals: 5/day } }\n`,
    [`6:25: ${later('"spend" of a principal')}`, `6:39: ${later('"refusals" of a principal')}`],
  ],
  [
    'budgets of a principal',
    `${saidOfTool('{}')}budgets: { principal: { calls: 5/week, sessions: 0, sheets: 2/day } }\n`,
    [
      '6:32: expected so many in a window, such as 60/minute, 100/hour or 2000/day, found "5/week"',
      '6:50: expected a number of at least 1, found 0',
      '6:53: unused: nothing charges "sheets"',
    ],
  ],
  ['budgets of nothing', `${saidOfTool('{}')}budgets: {}\n`, ['6:1: expected "session", "principal" or both']],
  [
    'a budget that nobody can be asked about',
    `${saidOfTool('{}')}budgets: { session: { refusals: 0, retries: 1 }, when_reached: extend }\n`,
    [
      '6:33: expected a number of at least 1, found 0',
      '6:50: unused: nothing here can be extended; retries, refusals, approvals end loops',
    ],
  ],
  [
    'what happens at a budget that is not there',
    `${saidOfTool('{}')}budgets: { principal: { calls: 5/day }, when_reached: extend }\n`,
    ['6:41: unused: it is about "session", which is not there'],
  ],
  [
    'spend that the result says, without a bound; a bound of what is fixed',
    `${start}tools: { crm.act: { spend: { amount: output.cost } }, crm.get: { spend: { amount: 1, max: 2 } } }\nbudgets: { session: { spend: { max: 1, currency: USD } } }\n`,
    [
      '5:21: "max" is missing; expected what the result may say at most',
      '5:91: unused: "amount" is not read from the result',
    ],
  ],
  [
    'a budget that nothing charges',
    session('{ serches: 5, cals: 1, pages: 2 }'),
    [
      '6:23: unused: nothing charges "serches"; did you mean "searches"?',
      '6:35: unused: nothing charges "cals"; did you mean "calls"?',
      '6:44: unused: nothing charges "pages"',
    ],
  ],
  [
    'spend that no tool has',
    `${saidOfTool('{}')}budgets: { session: { spend: { max: 1, currency: EUR } } }\n`,
    ['6:23: unused: nothing says what it spends (spend: { amount: ... })'],
  ],
  [
    'caps',
    session('{ calls: -1, runtime: 30, searches: many, spend: { max: 1.1234567, classes: [], max_class: x } }'),
    [
      '6:30: expected a number of at least 0, found -1',
      '6:43: expected a duration such as 500ms, 20s, 5m or 1h, found "30"',
      '6:57: expected a number, found "many"',
      '6:77: expected an amount with at most 6 decimals, found 1.1234567',
      '6:97: expected a list of at least 1',
    ],
  ],
  [
    'a currency',
    session('{ spend: { max: 1, currency: dollars } }'),
    ['6:50: expected a currency by its ISO 4217 code, such as USD'],
  ],
  [
    'tests',
    `${saidOfTool('{}')}tests: [{ name: a, call: crm.act, expect: denied, given: { labels: x } }, { call: crm.act }]\n`,
    [
      '6:43: expected one of allow, hold, deny, found "denied"',
      '6:68: expected a list, found "x"',
      '6:75: "name" is missing; expected text',
      '6:75: "expect" is missing; expected one of allow, hold, deny',
    ],
  ],
  [
    'tests that fail',
    `${saidOfTool('{ arguments: { a: { maximum: 5 } } }')}tests:
  - { name: large, call: crm.act, arguments: { a: 9 }, expect: allow }
  - { name: other rule, call: crm.act, arguments: { a: 9 }, expect: deny, rule: crm.act.arguments.b }
  - { name: small, call: crm.act, arguments: { a: 1 }, expect: deny }
`,
    [
      '7:64: the test "large" fails: expected allow, came out deny by crm.act.arguments.a',
      '8:81: the test "other rule" fails: deny as expected, but by crm.act.arguments.a, not by crm.act.arguments.b; did you mean "crm.act.arguments.a"?',
      '9:64: the test "small" fails: expected deny, came out allow by crm.act',
    ],
  ],
  [
    'a test of a misspelt tool, which default deny would let pass',
    `${saidOfTool('{}')}tests: [{ name: a, call: crm.atc, expect: deny }, { name: b, call: crm.other, expect: deny }]\n`,
    [
      '6:26: "crm.atc" is not in tools; did you mean "crm.act"? To test that it is denied, write "rule: tools"',
      '6:68: "crm.other" is not in tools. To test that it is denied, write "rule: tools"',
    ],
  ],
];

describe('a policy with something wrong in its tools, budgets or tests is refused, with all that is wrong, where it is', () => {
  it.each(TABLE)('%s', (_name, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});
