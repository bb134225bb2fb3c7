import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { breaches, type Plan } from './support/breaches.ts';

const PLAN: Plan = {
  floors: {
    domain: 0,
    document: 0.5,
    outgoing: 0.5,
    policy: 1,
    wire: 1,
    'config.ts': 1,
    'home.ts': 1,
    stages: 2,
    'pipeline.ts': 3,
    upstream: 4,
    downstream: 4,
    sandbox: 4,
    identity: 4,
    store: 4,
    packages: 4,
    keeper: 4,
    replicas: 4,
    telemetry: 4,
    console: 4,
    notify: 4,
    reload: 4.5,
    opening: 4.5,
    'gateway.ts': 5,
    cli: 6,
  },
  homes: {
    zod: 'anywhere',
    undici: 'anywhere',
    ajv: 'policy',
    re2js: 'policy',
    diff: 'policy',
    yaml: 'document',
    jose: 'identity',
    'openid-client': 'identity',
    'ipaddr.js': 'outgoing',
    '@opentelemetry/api': 'telemetry',
    '@opentelemetry/sdk-node': 'telemetry',
    '@opentelemetry/exporter-trace-otlp-http': 'telemetry',
    chokidar: 'reload',
    postgres: 'store',
    express: 'console',
    'web-push': 'notify',
    hono: 'console',
    '@simplewebauthn/server': 'identity',
    commander: 'cli',
    picocolors: 'cli',
  },
};

test('every file keeps to its floor, its length, its name and its libraries', () => {
  const root = dirname(import.meta.dirname);
  const paths = globSync('{src,servers,test,bench}/**/*.{ts,mts,cts,js,mjs,cjs}', { cwd: root });
  const tree = new Map(paths.map((path) => [path.replaceAll('\\', '/'), readFileSync(`${root}/${path}`, 'utf8')]));
  expect(tree.size).toBeGreaterThan(20);
  expect(breaches(tree, PLAN)).toEqual([]);
});

const found = (files: Readonly<Record<string, string>>) => breaches(new Map(Object.entries(files)), PLAN);
const lines = (count: number) => '//\n'.repeat(count);

describe('the rules bite:', () => {
  test.each([
    ['a plain import', "import { a } from '../wire/a.ts';"],
    ['a type', "import type { A } from '../wire/a.ts';"],
    ['several lines', "import {\n  type A,\n  b as c,\n} from '../wire/a.ts';"],
    ['a namespace', "import * as a from '../wire/a.ts';"],
    ['a default', "import a, { b } from '../wire/a.ts';"],
    ['its effects alone', "import '../wire/a.ts';"],
    ['a re-export', "export { a } from '../wire/a.ts';"],
    ['a re-export of all', "export * from '../wire/a.ts';"],
    ['a later import()', "const a = await import('../wire/a.ts');"],
    ['a type by import()', "type A = import('../wire/a.ts').A;"],
  ])('a floor above is not imported, not even as %s', (_, text) => {
    expect(found({ 'src/domain/b.ts': `/** B. */\n${text}\n`, 'src/wire/a.ts': '' })).toEqual([
      'src/domain/b.ts on floor 0 imports src/wire/a.ts, which is not below it',
    ]);
  });

  test('neighbours on one floor do not know each other', () => {
    expect(found({ 'src/store/a.ts': "import '../identity/b.ts';\n" })).toHaveLength(1);
    expect(found({ 'src/config.ts': "import './policy/b.ts';\n" })).toHaveLength(1);
  });

  test('its own folder, the floors below and Node are free', () => {
    const text = "import './b.ts';\nimport '../domain/c.ts';\nimport { join } from 'node:path';\n";
    expect(found({ 'src/store/a.ts': text })).toEqual([]);
    expect(found({ 'src/gateway.ts': "import './store/a.ts';\nimport './config.ts';\n" })).toEqual([]);
  });

  test('an import in a comment or a sentence is none', () => {
    expect(found({ 'src/domain/a.ts': " * import { a } from '../wire/a.ts';\n" })).toEqual([]);
  });

  test('a folder without a floor is not built in', () => {
    expect(found({ 'src/extras/a.ts': '' })).toEqual(['src/extras/a.ts stands on no floor of the plan']);
    expect(found({ 'src/cli/a.ts': "import '../extras/a.ts';\n" })).toHaveLength(1);
  });

  test('src imports nothing outside src but the name and version of the product', () => {
    expect(found({ 'src/cli/a.ts': "import '../../test/support/a.ts';\n" })).toEqual([
      'src/cli/a.ts imports test/support/a.ts, which is not in src',
    ]);
    expect(found({ 'src/cli/a.ts': "import product from '../../package.json' with { type: 'json' };\n" })).toEqual([]);
  });

  test('a library stays at home', () => {
    const text = "import { z } from 'zod';\nimport { RE2JS } from 're2js';\nimport Ajv from 'ajv/dist/2020.js';\n";
    expect(found({ 'src/policy/a.ts': text })).toEqual([]);
    expect(found({ 'src/cli/a.ts': text })).toEqual([
      'src/cli/a.ts imports re2js, whose home is policy',
      'src/cli/a.ts imports ajv, whose home is policy',
    ]);
  });

  test('a library without a home is not used', () => {
    expect(found({ 'src/cli/a.ts': "import '@scope/name/deep';\n" })).toEqual([
      'src/cli/a.ts imports @scope/name, whose home is not in the plan',
    ]);
  });

  test('files do not import each other in a ring', () => {
    const ring = {
      'src/domain/a.ts': "import './b.ts';\n",
      'src/domain/b.ts': "import type { C } from './c.ts';\n",
      'src/domain/c.ts': "import './a.ts';\n",
    };
    expect(found(ring)).toEqual(['src/domain/a.ts -> src/domain/b.ts -> src/domain/c.ts -> src/domain/a.ts']);
    expect(found({ ...ring, 'src/domain/c.ts': '' })).toEqual([]);
    expect(found({ 'test/a.ts': "import './a.ts';\n" })).toEqual(['test/a.ts -> test/a.ts']);
  });

  test.each(['src/cli/a.ts', 'servers/outbox/a.ts', 'test/a.test.ts', 'bench/a.ts'])('%s ends at line 300', (path) => {
    expect(found({ [path]: lines(300) })).toEqual([]);
    expect(found({ [path]: lines(301) })).toEqual([`${path} has 301 lines, over 300`]);
    expect(found({ [path]: `${lines(300)}//` })).toHaveLength(1);
  });

  test('a stage has under 100 lines', () => {
    expect(found({ 'src/stages/a.ts': lines(99) })).toEqual([]);
    expect(found({ 'src/stages/a.ts': lines(100) })).toEqual(['src/stages/a.ts is a stage of 100 lines, over 99']);
  });

  test.each(['src/cli/utils.ts', 'src/policy/rule-helpers.ts', 'test/common/a.ts', 'bench/session-manager.ts'])(
    '%s says nothing of what it holds',
    (path) => {
      expect(found({ [path]: '' })).toEqual([expect.stringMatching(`^${path} bears the banned name `)]);
    },
  );

  test.each(['export default 1;', 'export default function a() {}', 'export { a as default };'])(
    'nothing is exported without a name: %s',
    (text) => {
      expect(found({ 'src/cli/a.ts': `${text}\n` })).toEqual(['src/cli/a.ts has a default export']);
    },
  );

  test('a shipped server imports nothing from src', () => {
    expect(found({ 'servers/outbox/main.ts': "import { ok } from '../../src/domain/result.ts';\n" })).toEqual([
      'servers/outbox/main.ts is a program of its own and may not import src/domain/result.ts',
    ]);
    expect(found({ 'servers/outbox/main.ts': "import './mail.ts';\nimport { z } from 'zod';\n" })).toEqual([]);
  });
});
