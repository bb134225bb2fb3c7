import { expect, test } from 'vitest';
import { HEAD, problemsIn, profileOf, ref } from './policy-text.ts';
import { lockOf } from './typed/locked.ts';

const CRM = 'servers: { crm: { command: [crm] } }\n';
const DIR = ref('session.dir');

test("a test names the session's folder, and no other folder is in it", () => {
  const text = `${HEAD}${CRM}tools: { crm.act: { arguments: { a: { within: "${DIR}" } } } }
tests:
  - { name: in, call: crm.act, arguments: { a: "${DIR}/x" }, expect: allow }
  - { name: out, call: crm.act, arguments: { a: "/etc/passwd" }, expect: deny, rule: crm.act.arguments.a }
`;
  expect(problemsIn(text)).toEqual([]);
  expect(problemsIn(text.replace('/etc/passwd', `${DIR}/y`))).toHaveLength(1);
});

test("what is judged has the defaults of the tool's schema, of earlier calls too, where it is pinned", () => {
  const inputSchema = {
    type: 'object',
    properties: { to: { type: 'string', default: 'ada' }, n: { type: 'number', default: 900 } },
  };
  const lock = lockOf({ crm: [{ name: 'act', inputSchema }] });
  const text = `${HEAD}${CRM}tools:
  crm.act:
    effect: write
    arguments: { n: { maximum: 500 } }
    not_after: [{ tool: crm.act, where: { arguments.to: ada } }]
tests:
  - { name: unsaid, call: crm.act, expect: deny, rule: crm.act.arguments.n }
  - { name: said, call: crm.act, arguments: { n: 1 }, expect: allow }
  - { name: after ada, call: crm.act, arguments: { n: 1 }, expect: deny, rule: crm.act.not_after.0, given: { calls: [{ call: crm.act }] } }
  - { name: after eve, call: crm.act, arguments: { n: 1 }, expect: allow, given: { calls: [{ call: crm.act, arguments: { to: eve } }] } }
`;
  expect(problemsIn(text, undefined, lock)).toEqual([]);
});

test('no word for agents names a tool that they do not see, nor what its call was like', () => {
  const profile = profileOf(`${HEAD}${CRM}tools:
  crm.approve: { visible: false }
  crm.close: { visible: false }
  crm.get: { effect: read }
  crm.act:
    after: [{ tool: crm.approve, within: 1h, where: { output.secret: yes }, since: [crm.close, crm.get] }]
    not_after: [{ tool: crm.close, where: { arguments.case: "${ref('arguments.case')}" } }]
`);
  const tool = profile.tools.get('crm.act');
  expect(tool?.restrictions).toEqual([
    'Only after an earlier step that agents do not see within 1h, with no call of `crm.get` and no step that agents do not see since then.',
    'Not after an earlier step that agents do not see.',
  ]);
  const judged = tool?.judge({ case: 'c1' }, { labels: [], dir: '/' });
  const words = judged?.verdict === 'allow' ? judged.demands.map(({ reason, remedy }) => [reason, remedy]) : [];
  expect(words).toHaveLength(2);
  expect(JSON.stringify(words)).not.toMatch(/approve|close|secret/);
});

test("the session's folder is meant however deep it is written", () => {
  const rule = `{ properties: { list: { items: { within: "${DIR}" } } } }`;
  const text = (path: string) => `${HEAD}${CRM}tools: { crm.act: { arguments: { a: ${rule} } } }
tests: [{ name: deep, call: crm.act, arguments: { a: { list: ["${path}"] } }, expect: allow }]
`;
  expect(problemsIn(text(`${DIR}/x`))).toEqual([]);
  expect(problemsIn(text('/etc/passwd'))).toHaveLength(1);
});

test('the defaults are those of the very tool, where its server is pinned', () => {
  const withDefault = (n: number) => ({ type: 'object', properties: { n: { type: 'number', default: n } } });
  const lock = lockOf({
    crm: [
      { name: 'other', inputSchema: withDefault(1) },
      { name: 'act', inputSchema: withDefault(900) },
    ],
  });
  const text = `${HEAD}servers: { crm: { command: [crm] }, wiki: { command: [wiki] } }
tools: { crm.act: { arguments: { n: { maximum: 500 } } }, crm.other: {}, wiki.get: { effect: read } }
tests:
  - { name: of act, call: crm.act, expect: deny, rule: crm.act.arguments.n }
  - { name: of other, call: crm.other, expect: allow }
  - { name: not pinned, call: wiki.get, expect: allow }
`;
  expect(problemsIn(text, undefined, lock).filter((one) => !one.includes('wiki'))).toEqual([]);
});

test('an earlier call was as long ago as it says', () => {
  const text = (ago: string) => `${HEAD}${CRM}tools:
  crm.get: { effect: read }
  crm.act: { effect: write, not_after: [{ tool: crm.get, within: 1h }] }
tests: [{ name: long ago, call: crm.act, expect: allow, given: { calls: [{ call: crm.get, ago: ${ago} }] } }]
`;
  expect(problemsIn(text('2h'))).toEqual([]);
  expect(problemsIn(text('30m'))).toHaveLength(1);
});

test('a failure names every rule that gave the answer, and every server that nobody let it reach', () => {
  const cases = 'cases: [{ id: one, when: {}, then: hold }, { id: two, when: {}, then: hold }]';
  const text = `${HEAD}${CRM}tools: { crm.act: { ${cases} } }
tests: [{ name: allowed, call: crm.act, expect: allow }]
`;
  expect(problemsIn(text)).toEqual([expect.stringContaining('came out hold by crm.act.cases.one, crm.act.cases.two')]);
});

test('a server of production that is not there is told, the first as well', () => {
  const text = `${HEAD}${CRM}tools: { crm.act: {} }
tests: [{ name: reaches, call: crm.act, expect: allow, given: { production: [crn] } }]
`;
  expect(problemsIn(text)).toEqual([
    expect.stringContaining('nothing of a server "crn" is listed here; did you mean "crm"?'),
  ]);
});
