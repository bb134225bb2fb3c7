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
