import { describe, expect, test } from 'vitest';
import type { Lock } from '../../src/domain/lock.ts';
import {
  definitionOf,
  HEAD,
  lockOf,
  problemsIn,
  profileOf,
  ref,
  SERVERS,
  saidOfTool,
  verdictOf,
} from './policy-text.ts';

const listing = (said: string): readonly string[] => problemsIn(`${HEAD}${SERVERS}tools: {}\n${said}\n`);

describe('what a call costs', () => {
  test.each(['calls', 'spend', 'runtime', 'sessions', 'retries', 'refusals', 'approvals'])(
    'is never charged to %s by hand',
    (kind) => {
      expect(problemsIn(saidOfTool(`{ charges: { ${kind}: 1 } }`))).toContainEqual(
        expect.stringContaining('this kind of budget counts by itself and cannot be charged'),
      );
    },
  );

  test('is something, where it is said', () => {
    const nothing = expect.stringContaining('expected a class, an amount, or both');
    expect(listing('prompts: [{ server: crm, name: p, spend: {} }]')).toEqual([nothing]);
    expect(listing('resources: [{ server: crm, uri: "https://crm.example.com/**", spend: {} }]')).toEqual([nothing]);
  });
});

describe('the URI of a resource', () => {
  test.each([
    `https://crm.example.com/${ref('session.dir')}`,
    `https://crm.example.com/?of=file://${ref('session.dir')}/a`,
    `file://${ref('session.dir')}/${ref('session.dir')}`,
    `file://${ref('session.di')}/a`,
    `file://${ref('')}/a`,
  ])('has a reference only where a folder can stand: %s', (uri) => {
    expect(listing(`resources: [{ server: crm, uri: "${uri}" }]`)).not.toEqual([]);
  });

  test('may begin with the folder of a session', () => {
    expect(listing(`resources: [{ server: crm, uri: "file://${ref('session.dir')}/**" }]`)).toEqual([]);
  });
});

describe('the name of a tool', () => {
  test.each([
    'crm.a b',
    'crm.a\\n',
    'crm.é',
    '.crm.act',
    'crm.',
    'crm',
    'crm.a\u0000',
    `crm.${'a'.repeat(129)}`,
    'c*.act',
  ])('is of one server, and spelt as tools are: %j', (name) => {
    expect(problemsIn(`${HEAD}${SERVERS}tools: { "${name}": {} }\n`)).toContainEqual(
      expect.stringContaining('expected the name of a tool as server.tool'),
    );
  });
});

describe('a rule on an argument', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' } },
    patternProperties: { '^x_': { type: 'string' } },
    additionalProperties: false,
  };
  const plain = lockOf(['act']);
  const lock: Lock = {
    ...plain,
    servers: new Map([...plain.servers].map(([name, one]) => [name, { ...one, definitions: [definitionOf(schema)] }])),
  };

  test('holds for one whose name fits a pattern of the tool', () => {
    const tool = profileOf(
      saidOfTool('{ effect: write, arguments: { x_a: { const: ok } } }'),
      undefined,
      lock,
    ).tools.get('crm.act');
    if (tool === undefined) throw new Error('crm.act was not loaded');
    expect(verdictOf(tool, { x_a: 'ok' })).toBe('allow');
    expect(verdictOf(tool, { x_a: 'no' })).toBe('deny');
  });
});

describe('what cannot be undone in one case of a tool', () => {
  const tool = (rest: string): string =>
    saidOfTool(`{ effect: write, cases: [{ id: big, when: {}, then: allow, effect: irreversible }], ${rest} }`);

  test.each([
    ['limits', 'limits: [{ count: calls, within: 1h, max: 3, mode: observe }]'],
    ['not_after', 'not_after: [{ tool: crm.act, mode: observe }]'],
  ])('is never only observed by %s', (_, rest) => {
    expect(problemsIn(tool(rest))).toContainEqual(expect.stringContaining('nothing irreversible is only observed'));
    expect(problemsIn(tool(rest.replace(', mode: observe', '')))).toEqual([]);
  });
});

describe('approvers that nobody is are told', () => {
  const approval = 'approval: { approvers: ["group:leads"] }';
  const nobody = [expect.stringContaining('it can be nobody: there are no issuers, which people are of')];

  test('of a case', () => {
    expect(problemsIn(saidOfTool(`{ effect: write, cases: [{ id: a, when: {}, then: hold, ${approval} }] }`))).toEqual(
      nobody,
    );
  });

  test.each([
    ['resources', `resources: [{ server: crm, uri: "https://crm.example.com/**", ${approval} }]`],
    ['prompts', `prompts: [{ server: crm, name: p, ${approval} }]`],
  ])('of %s', (_, said) => {
    expect(listing(said)).toEqual(nobody);
  });
});
