import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { readYaml } from '../../src/document/document.ts';
import { isObject, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import { fileSchema } from '../../src/policy/file/file-schema.ts';
import { blocksOf } from '../stories/support/shown.ts';
import { HEAD, problemsIn, SERVERS, saidOfServer, saidOfTool } from './policy-text.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const SCHEMA = fileSchema();
const validate = new Ajv2020({ strict: false }).compile(SCHEMA);

/** What an editor would say of a text; empty where nothing. */
function judged(text: string): readonly string[] {
  const document = readYaml('p.yaml', text);
  if (!document.ok) return document.error.map(({ message }) => message);
  return validate(document.value.value)
    ? []
    : (validate.errors ?? []).map((one) => `${one.instancePath} ${one.message}`);
}

test('the schema that is shipped is the one that the shapes make', () => {
  expect(JSON.parse(read('policies/tollgate.schema.json'))).toEqual(SCHEMA);
});

test('every key of the format has a type and a description', () => {
  const holes: string[] = [];
  const walk = (schema: JsonObject, path: string): void => {
    for (const [name, member] of Object.entries((schema['properties'] ?? {}) as JsonObject)) {
      const at = `${path}.${name}`;
      const one = isObject(member) ? member : {};
      if (!['type', 'enum', 'const', 'anyOf', '$ref'].some((key) => one[key] !== undefined))
        holes.push(`${at}: no type`);
      if (typeof one['description'] !== 'string' || one['description'] === '') holes.push(`${at}: no description`);
    }
    for (const [key, value] of Object.entries(schema))
      inner(value, `${path}/${key}`, key === 'properties' || key === '$defs');
  };
  const inner = (value: JsonValue | undefined, path: string, isMap: boolean): void => {
    if (Array.isArray(value)) for (const item of value) inner(item, path, false);
    else if (isObject(value) && isMap)
      for (const [name, one] of Object.entries(value)) inner(one, `${path}.${name}`, false);
    else if (isObject(value)) {
      if (Object.keys(value).length === 0 && !path.endsWith('$defs')) holes.push(`${path}: anything`);
      walk(value, path);
    }
  };
  walk(SCHEMA, '');
  expect(holes).toEqual([]);
  expect(Object.keys(SCHEMA['properties'] as JsonObject)).toHaveLength(15);
});

describe('an editor accepts', () => {
  const shipped = globSync('policies/*.yaml', { cwd: REPOSITORY }).filter((path) => !path.includes('gateway'));

  test.each(shipped)('%s, which says where its schema is', (path) => {
    expect(judged(read(path))).toEqual([]);
    expect(read(path)).toMatch(/^# yaml-language-server: \$schema=\.\/tollgate\.schema\.json\n/);
  });

  test.each(globSync('test/policy/temporal/*.yaml', { cwd: REPOSITORY }))('%s', (path) => {
    expect(judged(read(path))).toEqual([]);
  });

  const documents = ['README.md', ...globSync('docs/*.md', { cwd: REPOSITORY })].flatMap((path) =>
    blocksOf(read(path), 'yaml')
      .filter((text) => /^profile:/m.test(text))
      .map((text) => [path, text] as const),
  );
  test.each(documents)('the policies of %s: %s', (_, text) => {
    expect(judged(text)).toEqual([]);
  });

  test('the name of a set where a list may stand', () => {
    const text = `${HEAD}sets: { q: [a] }\n${SERVERS}tools: { crm.act: { arguments: { a: { enum: "$\{sets.q}" } } } }\n`;
    expect([problemsIn(text), judged(text)]).toEqual([[], []]);
    expect(judged(text.replace('sets.q', 'policy.dir'))).not.toEqual([]);
  });
});

/** Each is wrong in a way that the loader tells and that a schema can see. */
const BROKEN: readonly string[] = [
  'tools: {}\n',
  `${HEAD}`,
  `version: 2\nprofile: demo\nwho: local\ntools: {}\n`,
  `version: 1\nprofile: Demo\nwho: local\ntools: {}\n`,
  `version: 1\nprofile: demo\nwho: somebody\ntools: {}\n`,
  `version: 1\nprofile: demo\nwho: { issuer: x }\ntools: {}\n`,
  `${HEAD}tools: []\n`,
  `${HEAD}tools: {}\nrule: 1\n`,
  `${HEAD}mode: watch\ntools: {}\n`,
  `${HEAD}sets: { a: [] }\ntools: {}\n`,
  `${HEAD}sets: { a: [[1]] }\ntools: {}\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nprefix: no\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nflows: [{ id: a, when: { labels: [private] }, then: hold }]\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nflows: [{ id: a, when: { labels: [private], sends_to: none }, then: hold }]\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nflows: [{ id: a, when: { labels: [private], sends_to: external }, then: allow }]\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nbudgets: { session: { calls: -1 } }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nbudgets: { session: { runtime: 5 } }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nbudgets: { session: { runtime: soon } }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nbudgets: { principal: { calls: 3 } }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nbudgets: { session: { spend: { max: 1, currency: dollars } } }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nsession: { require_reason: [writing] }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nsession: { record: full }\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\ntests: [{ name: a, call: crm.act }]\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\ntests: [{ name: a, call: crm.act, expect: denied }]\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nresources: [{ server: crm }]\n`,
  `${HEAD}${SERVERS}tools: { crm.act: {} }\nprompts: [{ server: crm, name: a, effect: read }]\n`,
  saidOfServer('{ command: [] }'),
  saidOfServer('{ command: node }'),
  saidOfServer('{ command: [node], env: { A: 5 } }'),
  saidOfServer('{ command: [node], era: old }'),
  saidOfServer('{ command: [node], sandbox: off }'),
  saidOfServer('{ command: [node], asks: { elicitation: [voice] } }'),
  saidOfServer('{ command: [node], asks: { sampling: { max: 0, max_tokens: 5 } } }'),
  saidOfServer('{ command: [node], defaults: { effect: some } }'),
  saidOfTool('{ efect: read }'),
  saidOfTool('{ effect: reed }'),
  saidOfTool('{ visible: 1 }'),
  saidOfTool('{ timeout: 5 }'),
  saidOfTool('{ labels: [Private] }'),
  saidOfTool('{ sends_to: outside }'),
  saidOfTool('{ charges: { a: 0 } }'),
  saidOfTool('{ spend: { amount: much } }'),
  saidOfTool('{ approval: { quorum: 6 } }'),
  saidOfTool('{ approval: { answer_within: 5 } }'),
  saidOfTool('{ approval: { uses: 0 } }'),
  saidOfTool('{ approval: { proof: pin } }'),
  saidOfTool('{ cases: [] }'),
  saidOfTool('{ cases: [{ id: a, when: {}, then: ask }] }'),
  saidOfTool('{ cases: [{ id: 5a, when: {}, then: deny }] }'),
  saidOfTool('{ arguments: { a: { maximun: 5 } } }'),
  saidOfTool('{ arguments: { a: { maximum: "5" } } }'),
  saidOfTool('{ arguments: { a: { type: text } } }'),
  saidOfTool('{ arguments: { a: { anyOf: [] } } }'),
  saidOfTool('{ arguments: { a: { not: { minItems: -1 } } } }'),
  saidOfTool('{ arguments: { a: { url: { schemes: [https] } } } }'),
  saidOfTool('{ after: [{ within: 1h }] }'),
  saidOfTool('{ after: [{ tool: crm.act, since: [] }] }'),
  saidOfTool('{ not_after: [{ tool: crm.act, since: any }] }'),
  saidOfTool('{ limits: [{ count: calls, max: 5 }] }'),
  saidOfTool('{ limits: [{ count: refunds, within: 1h, max: 5 }] }'),
  saidOfTool('{ limits: [{ count: calls, within: 1h, max: 5, per: tenant }] }'),
  saidOfTool('{ output: { schema: { type: object }, from: xml } }'),
  saidOfTool('{ retry: safe }'),
];

test.each(BROKEN)('an editor tells what is wrong with: %s', (text) => {
  expect(problemsIn(text)).not.toEqual([]);
  expect(judged(text)).not.toEqual([]);
});
