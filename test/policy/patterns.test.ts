import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Lock } from '../../src/domain/lock.ts';
import { HEAD, lockOf, problemsIn, profileOf, SERVERS } from './policy-text.ts';

const LOCK = lockOf(['get_case', 'get_reply', 'list_cases', 'send_reply', 'a.b/c'], ['summary', 'a-letter', 'a-note']);
const saying = (tools: string, rest = '') => `${HEAD}${SERVERS}tools: ${tools}\n${rest}`;
const toolsOf = (tools: string, lock: Lock = LOCK) => [...profileOf(saying(tools), undefined, lock).tools.keys()];

describe('a pattern stands for the tools that the lock has', () => {
  it.each([
    ['crm.get_*', ['crm.get_case', 'crm.get_reply']],
    ['crm.*', ['crm.get_case', 'crm.get_reply', 'crm.list_cases', 'crm.send_reply', 'crm.a.b/c']],
    ['crm.{get_case,list_cases}', ['crm.get_case', 'crm.list_cases']],
    ['crm.{get,list}_case*', ['crm.get_case', 'crm.list_cases']],
    ['crm.*case*', ['crm.get_case', 'crm.list_cases']],
    ['crm.a.*', ['crm.a.b/c']],
  ])('%s', (pattern, tools) => {
    expect(toolsOf(`{ "${pattern}": {} }`)).toEqual(tools);
  });

  it('and for no tool that the server has since', () => {
    const tools = '{ "crm.get_*": {} }';
    expect(toolsOf(tools, lockOf(['get_case']))).toEqual(['crm.get_case']);
  });

  it('each with the rules of the pattern, under its own name', () => {
    const { tools } = profileOf(
      saying('{ "crm.get_*": { effect: read, arguments: { id: { maximum: 5 } } } }'),
      undefined,
      LOCK,
    );
    const judged = (target: string) => tools.get(target)?.judge({ id: 6 } as JsonObject, { labels: [], dir: '/' });
    expect(judged('crm.get_reply')).toMatchObject({ verdict: 'deny', rules: ['crm.get_reply.arguments.id'] });
    expect(tools.get('crm.get_case')?.contract).toMatchObject({ name: 'get_case', effect: 'read' });
  });

  it('but a tool that is named by itself has its own rules, wherever it stands', () => {
    for (const tools of [
      '{ "crm.get_*": { effect: read }, crm.get_case: { effect: write } }',
      '{ crm.get_case: { effect: write }, "crm.get_*": { effect: read } }',
    ]) {
      const profile = profileOf(saying(tools), undefined, LOCK);
      expect(profile.tools.get('crm.get_case')?.contract.effect).toBe('write');
      expect(profile.tools.get('crm.get_reply')?.contract.effect).toBe('read');
    }
  });

  it('and prompts alike', () => {
    const prompts = 'prompts: [{ server: crm, name: "a-*", timeout: 2s }, { server: crm, name: a-note }]\n';
    const profile = profileOf(saying('{}', prompts), undefined, LOCK);
    expect([...profile.prompts].map(([name, { contract }]) => [name, contract.timeout])).toEqual([
      ['crm.a-letter', 2000],
      ['crm.a-note', 60_000],
    ]);
  });

  it('its tools can be tested by their names', () => {
    const tests = 'tests: [{ name: a, call: crm.get_case, expect: allow }]\n';
    expect(problemsIn(saying('{ "crm.get_*": {} }', tests), undefined, LOCK)).toEqual([]);
  });
});

describe('what the lock file does not bear out is refused', () => {
  it.each([
    [
      'a pattern that matches nothing, whole or in part',
      '{ "crm.delete_*": {}, "crm.{get_case,list_case}": {} }',
      [
        '5:10: "delete_*" matches nothing that the lock file has',
        '5:30: "list_case" matches nothing that the lock file has; did you mean "list_cases"?',
      ],
    ],
    [
      'two patterns for one tool',
      '{ "crm.get_*": {}, "crm.*_case": {} }',
      ['5:27: "crm.*_case" and "crm.get_*" both match crm.get_case: name it by itself, or narrow one of them'],
    ],
    [
      'a pattern that names leave nothing to',
      '{ "crm.*_cases": {}, crm.list_cases: {} }',
      ['5:10: unused: all that it matches is listed by itself'],
    ],
    [
      'a name that is not there',
      '{ crm.get_cases: {}, crm.get_case: {} }',
      ['5:10: the lock file has no tool crm.get_cases; did you mean "crm.get_case"?'],
    ],
    [
      'a pattern of servers',
      '{ "c*.get_case": {}, crm.get_case: {} }',
      ['5:10: expected the name of a tool as server.tool, found "c*.get_case"'],
    ],
    [
      'patterns that are none',
      '{ "crm.{a": {}, "crm.{}": {}, "crm.a,b": {}, "crm.[ab]": {}, "crm.a?": {}, "crm.{a,{b,c}}": {} }',
      [
        '5:10: expected a pattern such as read_*, or {get,list}_case; found "{a"',
        '5:24: expected a pattern such as read_*, or {get,list}_case; found "{}"',
        '5:38: expected a pattern such as read_*, or {get,list}_case; found "a,b"',
        '5:53: expected a pattern such as read_*, or {get,list}_case; found "[ab]"',
        '5:69: expected a pattern such as read_*, or {get,list}_case; found "a?"',
        '5:83: expected a pattern such as read_*, or {get,list}_case; found "{a,{b,c}}"',
      ],
    ],
    [
      'braces that multiply without end',
      `{ "crm.${'{a,b}'.repeat(7)}": {} }`,
      [`5:10: expected a pattern such as read_*, or {get,list}_case; found "${'{a,b}'.repeat(7)}"`],
    ],
  ])('%s', (_name, tools, problems) => {
    expect(problemsIn(saying(tools), undefined, LOCK)).toEqual(problems);
  });

  it('a prompt that is not there, and two patterns for one', () => {
    const prompts = `prompts:
  - { server: crm, name: summry }
  - { server: crm, name: "a-*" }
  - { server: crm, name: "*-note" }
  - { server: crm, name: "b*" }
`;
    expect(problemsIn(saying('{}', prompts), undefined, LOCK)).toEqual([
      '7:26: the lock file has no prompt crm.summry; did you mean "summary"?',
      '9:26: "crm.*-note" and "crm.a-*" both match crm.a-note: name it by itself, or narrow one of them',
      '10:26: "b*" matches nothing that the lock file has',
    ]);
  });

  it('a server that was never pinned', () => {
    const text = `${HEAD}servers: { crm: { command: [node, crm.js] }, new: { command: [b] } }\ntools: { new.x: {}, "new.*": {}, crm.get_case: {} }\n`;
    expect(problemsIn(text, undefined, LOCK)).toEqual([
      '4:46: new is not pinned in p.lock.json; see tollgate policy diff p.yaml',
    ]);
  });
});
