import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSource } from '../../src/document/source.ts';
import { sha256 } from '../../src/domain/json.ts';
import { HEAD, problemsIn, profileOf, ref, SERVERS, toolOf, verdictOf } from './policy-text.ts';

const start = HEAD + SERVERS;
const dir = ref('policy.dir');

describe('every key that is accepted has its effect', () => {
  it('profile, and the text by digest', () => {
    const text = `${start}tools: { crm.act: {} }\n`;
    expect(profileOf(text)).toMatchObject({ name: 'demo', file: 'p.yaml', text, digest: sha256(text) });
  });

  it('a server by command, with its environment and folder', () => {
    const profile = profileOf(
      `${HEAD}servers: { a: { command: [node, "${dir}/a.js"], env: { AT: "${dir}", B: "" }, cwd: sub }, b: { command: [b] } }\ntools: { a.x: {}, b.x: {} }\n`,
    );
    const folder = resolve('.');
    expect(profile.servers.get('a')).toEqual({
      kind: 'stdio',
      command: ['node', `${folder}/a.js`],
      env: { AT: folder, B: '' },
      cwd: join(folder, 'sub'),
    });
    expect(profile.servers.get('b')).toEqual({ kind: 'stdio', command: ['b'], env: {}, cwd: folder });
  });

  it('a server by URL, and the servers of the deployment that this profile uses, no others', () => {
    const deployed = new Map([
      ['used', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined } as const],
      ['unused', { kind: 'http', url: 'http://127.0.0.1:2/', era: undefined } as const],
    ]);
    const profile = profileOf(
      `${HEAD}servers: { own: { url: "https://x.example/mcp" } }\ntools: { own.x: {}, used.x: {} }\n`,
      deployed,
    );
    expect([...profile.servers]).toEqual([
      ['own', { kind: 'http', url: 'https://x.example/mcp' }],
      ['used', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined }],
    ]);
  });

  it('the contract: unsaid is the worst case, what the server says is a default, what the tool says counts', () => {
    const profile = profileOf(`${HEAD}servers:
  plain: { command: [a] }
  crm: { command: [b], defaults: { effect: read, timeout: 5s } }
tools:
  plain.a: {}
  crm.a: {}
  crm.b: { effect: draft, timeout: 250ms, can: Do b., cannot: Do c. }
`);
    const contract = (name: string) => profile.tools.get(name)?.contract;
    expect(contract('plain.a')).toMatchObject({ effect: 'irreversible', timeout: 60_000, can: undefined });
    expect(contract('crm.a')).toMatchObject({ effect: 'read', timeout: 5000 });
    expect(contract('crm.b')).toMatchObject({
      kind: 'tool',
      server: 'crm',
      name: 'b',
      effect: 'draft',
      timeout: 250,
      can: 'Do b.',
      cannot: 'Do c.',
      charges: {},
    });
  });

  it('defaults for a server that the deployment defines', () => {
    const deployed = new Map([['crm', { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined } as const]]);
    const profile = profileOf(
      `${HEAD}servers: { crm: { defaults: { effect: write } } }\ntools: { crm.a: {} }\n`,
      deployed,
    );
    expect(profile.tools.get('crm.a')?.contract.effect).toBe('write');
    expect(profile.servers.get('crm')).toEqual({ kind: 'http', url: 'http://127.0.0.1:1/', era: undefined });
  });

  it('charges, spend and caps, in whole numbers', () => {
    const profile = profileOf(`${start}tools: { crm.act: { charges: { searches: 2 }, spend: { amount: 0.02 } } }
budgets: { session: { calls: 200, runtime: 30m, searches: 20, spend: { max: 5.00, currency: EUR } } }
`);
    expect(profile.tools.get('crm.act')?.contract.charges).toEqual({ searches: 2, spend: 20_000 });
    expect(profile.caps).toEqual({ calls: 200, runtime: 1_800_000, searches: 20, spend: 5_000_000 });
    expect(profile.currency).toBe('EUR');
  });

  it('budgets of a principal, what happens at one of a session, and spend that a result says', () => {
    const spend = '{ charges: { searches: 2 }, spend: { amount: output.bill.cost, max: 0.1 } }';
    const profile = profileOf(`${start}tools: { crm.act: ${spend} }
budgets:
  session: { retries: 1, refusals: 2, approvals: 0, spend: { max: 1, currency: USD } }
  principal: { calls: 2000/day, searches: 60/minute, sessions: 5 }
  when_reached: pause
`);
    expect(profile).toMatchObject({
      caps: { retries: 1, refusals: 2, approvals: 0, spend: 1_000_000 },
      whenReached: 'pause',
      principalCaps: [
        { kind: 'calls', most: 2000, within: 24 * 3_600_000 },
        { kind: 'searches', most: 60, within: 60_000 },
      ],
      mostSessions: 5,
    });
    expect(profile.tools.get('crm.act')?.contract).toMatchObject({
      charges: { searches: 2, spend: 100_000 },
      spendFrom: ['bill', 'cost'],
    });
    const shared = profileOf(`${start}tools: { crm.act: {} }\nbudgets: { principal: { calls: 1/hour } }\n`);
    expect(shared).toMatchObject({ caps: {}, whenReached: 'deny', mostSessions: undefined });
  });

  it.each([
    ['0.07', 70_000],
    ['0.1', 100_000],
    ['1.1', 1_100_000],
    ['4.35', 4_350_000],
    ['0.000001', 1],
    ['1e-6', 1],
    ['999999999.999999', 999_999_999_999_999],
    ['8.290000', 8_290_000],
  ])('an amount of %s is exact to the millionth', (written, micros) => {
    expect(toolOf(`{ spend: { amount: ${written} } }`).contract.charges['spend']).toBe(micros);
  });

  it('a class that is charged and has no cap is counted, not refused', () => {
    const profile = profileOf(`${start}tools: { crm.act: { charges: { pages: 3 } } }\n`);
    expect(profile.tools.get('crm.act')?.contract.charges).toEqual({ pages: 3 });
    expect(profile.caps).toEqual({});
  });

  it('tests that pass let the file load', () => {
    expect(
      problemsIn(`${start}tools:
  crm.act:
    arguments: { a: { maximum: 5 } }
    cases: [{ id: low, when: { a: { maximum: 2 } }, then: allow }, { id: high, when: { a: { minimum: 2 } }, then: hold }]
    approval: { proof: passphrase }
tests:
  - { name: a, call: crm.act, arguments: { a: 1 }, expect: allow, rule: low }
  - { name: b, call: crm.act, arguments: { a: 2 }, expect: hold, rule: crm.act.cases.high }
  - { name: c, call: crm.act, expect: hold }
  - { name: d, call: crm.act, arguments: { a: 9 }, expect: deny, rule: crm.act.arguments.a }
  - { name: e, call: crm.delete_everything, expect: deny, rule: tools }
  - { name: f, call: crm.act, arguments: { a: "${dir}" }, expect: deny }
`),
    ).toEqual([]);
  });

  it('a tool that is not listed is not there', () => {
    expect([...profileOf(`${start}tools: { crm.act: {} }\n`).tools.keys()]).toEqual(['crm.act']);
  });

  it('a tool whose name has dots is taken after the first', () => {
    expect(profileOf(`${start}tools: { crm.cases.get: {} }\n`).tools.get('crm.cases.get')?.contract.name).toBe(
      'cases.get',
    );
  });
});

describe('keywords of rules', () => {
  it.each([
    ['{ type: string }', 'x', 5],
    ['{ type: [integer, "null"] }', null, 1.5],
    ['{ enum: [a, 1, null] }', null, 'b'],
    ['{ const: { a: [1] } }', { a: [1] }, { a: [2] }],
    ['{ const: null }', null, false],
    ['{ minimum: 1 }', 1, 0.5],
    ['{ maximum: 1 }', 1, 1.5],
    ['{ exclusiveMinimum: 1 }', 1.5, 1],
    ['{ exclusiveMaximum: 1 }', 0.5, 1],
    ['{ multipleOf: 0.01 }', 0.07, 0.075],
    ['{ minLength: 2 }', 'ab', 'a'],
    ['{ maxLength: 2 }', 'ab', 'abc'],
    ['{ pattern: "a+" }', 'aa', 'ab'],
    ['{ items: { type: number } }', [1], [1, 'a']],
    ['{ prefixItems: [{ const: a }], items: false }', ['a'], ['a', 'b']],
    ['{ contains: { const: a } }', ['b', 'a'], ['b']],
    ['{ minItems: 1 }', [1], []],
    ['{ maxItems: 1 }', [1], [1, 2]],
    ['{ uniqueItems: true }', [1, 2, { a: 1, b: 2 }], [{ a: 1, b: 2 }, 3, { b: 2, a: 1 }]],
    ['{ properties: { a: { const: 1 } } }', { a: 1 }, { a: 2 }],
    ['{ required: [a] }', { a: 2 }, { b: 2 }],
    ['{ properties: { a: { minimum: 1 } }, additionalProperties: false }', { a: 1 }, { a: 1, b: 1 }],
    ['{ additionalProperties: { maximum: 1 } }', { a: 1 }, { a: 2 }],
    ['{ minProperties: 1 }', { a: 1 }, {}],
    ['{ maxProperties: 1 }', { a: 1 }, { a: 1, b: 1 }],
    ['{ anyOf: [{ const: a }, { minimum: 5 }] }', 5, 'b'],
    ['{ allOf: [{ minimum: 1 }, { maximum: 2 }] }', 2, 3],
    ['{ not: { const: a } }', 'b', 'a'],
  ])('%s', (rule, good, bad) => {
    const tool = toolOf(`{ arguments: { v: ${rule} } }`);
    expect(verdictOf(tool, { v: good })).toBe('allow');
    expect(verdictOf(tool, { v: bad })).toBe('deny');
  });
});

describe('reading the file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollgate-source-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives its text', () => {
    const file = join(folder, 'p.yaml');
    writeFileSync(file, 'version: 1\n');
    expect(readSource(file)).toEqual({ ok: true, value: { file, text: 'version: 1\n' } });
  });

  it('a missing file, a folder and bytes that are no UTF-8 are one clear problem each', () => {
    const latin = join(folder, 'latin.yaml');
    writeFileSync(latin, Buffer.from([0x61, 0x3a, 0x20, 0xe9]));
    const problem = (file: string, message: string) => ({ ok: false, error: [{ file, line: 1, column: 1, message }] });
    const missing = join(folder, 'missing.yaml');
    expect(readSource(missing)).toEqual(problem(missing, 'there is no such file'));
    expect(readSource(folder)).toEqual(problem(folder, 'the file cannot be read (EISDIR)'));
    expect(readSource(latin)).toEqual(problem(latin, 'the file is not valid UTF-8'));
  });
});
