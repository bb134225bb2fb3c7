/** Policies whose servers are packages, of the deployment or of their own: fetched, pinned, compared, fetched elsewhere. */
import { readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { homeOf } from '../../src/home.ts';
import { type Made, type Registry, startRegistry } from '../packages/registry.ts';
import { environmentOf, type Finished, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';

const program = pathToFileURL(join(import.meta.dirname, '../support/servers/rough-stdio.ts')).href;
const server = (version: string): Made => ({
  name: '@scope/rough',
  version,
  manifest: { bin: 'main.js', type: 'module', dependencies: { helper: '^1.0.0' } },
  files: { 'main.js': `await import('${program}');\n` },
});
const helper = (version: string): Made => ({ name: 'helper', version });

let registry: Registry;
let folder: string;
let file: (name: string, text: string) => string;
const npm = () => ({ npm_config_registry: registry.url, npm_config_cache: join(folder, 'cache') });
const tollgate = (...words: readonly string[]): Promise<Finished> => run(words, environmentOf(folder, npm()));

beforeAll(async () => {
  registry = await startRegistry();
  for (const made of [server('1.0.0'), server('1.1.0'), helper('1.0.0')]) registry.publish(made);
});
afterAll(() => registry.close());
beforeEach(() => {
  folder = realpathSync(temporaryFolder());
  file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return () => rmSync(folder, { recursive: true, force: true });
});

const HEAD = 'version: 1\nprofile: test\nwho: local\n';
const ROUGH = 'tools: { "rough.{rough,other}": { effect: read } }\n';

test('a policy over the deployment’s package is fetched, pinned and served, and elsewhere the very same is fetched', {
  timeout: 120_000,
}, async () => {
  const policy = file('policy.yaml', `${HEAD}${ROUGH}`);
  const config = file('gateway.yaml', 'version: 1\nservers: { rough: { package: "npm:@scope/rough@1.0.0" } }\n');
  const on = (verb: string, ...words: readonly string[]) =>
    tollgate('policy', verb, policy, '--config', config, ...words);
  const early = await on('pin', '--yes');
  expect([early.code, early.stderr]).toEqual([
    69,
    `tollgate: rough: npm:@scope/rough@1.0.0 is not installed: tollgate policy install ${policy}\n`,
  ]);
  expect((await on('install', '--yes')).code).toBe(0);
  expect((await on('check')).code).toBe(78);
  expect(await on('pin', '--yes')).toMatchObject({ code: 0, stderr: expect.stringContaining('node_modules/@scope') });
  expect(await on('check')).toMatchObject({ code: 0, stdout: expect.stringContaining('2 tools') });
  const lock = JSON.parse(readFileSync(join(folder, 'policy.lock.json'), 'utf8'));
  expect(lock.servers.rough.package).toMatchObject({ name: '@scope/rough', version: '1.0.0' });
  expect(JSON.stringify(lock)).not.toContain(folder);
  expect(JSON.stringify(lock)).not.toContain(registry.url);

  // Another machine, and a dependency that has moved on since.
  rmSync(homeOf(environmentOf(folder)).packages, { recursive: true });
  registry.publish(helper('1.9.0'));
  const elsewhere = await on('install', '--yes', '--json');
  expect(JSON.parse(elsewhere.stdout)).toMatchObject({
    fetched: true,
    locked: true,
    tree: lock.servers.rough.package.tree,
  });
  expect(await on('diff', '--yes')).toMatchObject({ code: 0 });
  const gateway = await startGateway(readFileSync(policy, 'utf8'), { folder, words: ['--config', config] });
  expect(textOf(await post(gateway, legacyCall('rough__rough', { do: 'echo' })))).toBe('ok');
  await gateway.stop();
});

test('another version of a package is fetched beside the old one, and what is below it is shown before it is accepted', {
  timeout: 120_000,
}, async () => {
  registry.publish(helper('1.0.0'));
  const policyOf = (version: string) =>
    `${HEAD}servers: { rough: { package: "npm:@scope/rough@${version}", arguments: [legacy] } }\n${ROUGH}`;
  const policy = file('policy.yaml', policyOf('1.0.0'));
  const on = (verb: string, ...words: readonly string[]) => tollgate('policy', verb, policy, ...words);
  expect((await on('install', '--yes')).code).toBe(0);
  expect((await on('pin', '--yes')).code).toBe(0);
  // What a person accepted is not asked about again.
  expect((await on('diff')).code).toBe(0);
  file('policy.yaml', policyOf('1.1.0'));
  const broken = await on('check');
  expect([broken.code, broken.stderr]).toEqual([
    78,
    expect.stringContaining('otherwise than when it was pinned (npm:@scope/rough@1.0.0 legacy)'),
  ]);
  expect((await on('diff', '--yes')).stderr).toContain(
    'npm:@scope/rough@1.1.0 is not installed: tollgate policy install',
  );
  rmSync(join(folder, 'cache'), { recursive: true });
  registry.publish(helper('1.20.0'));
  expect((await on('install', '--yes')).code).toBe(0);
  expect((await on('diff')).code).toBe(77);
  const { code, stdout } = await on('diff', '--yes');
  expect(code).toBe(1);
  expect(stdout).toMatch(/package @scope\/rough: \[-"1\.0\.0 sha512-.*-\] -> \{\+"1\.1\.0 sha512-/);
  expect(stdout).toMatch(/package helper: \[-"1\.\d\.0 sha512-.*-\] -> \{\+"1\.20\.0 sha512-/);
  // Never in force here, so that nobody has to sign; where a gateway runs, it waits for somebody who does.
  expect(await on('accept', '--pins', '--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('1.20.0') });
  expect((await on('check')).code).toBe(0);
  expect((await on('diff')).code).toBe(0);
});

test('a policy that includes another is held to the lock of that one, or to its own', {
  timeout: 120_000,
}, async () => {
  const own = `servers: { rough: { command: [node, ${JSON.stringify(new URL(program).pathname)}] } }\n`;
  const base = file('base.yaml', `${HEAD}${own}${ROUGH}`);
  const policy = file('narrow.yaml', 'include: base.yaml\nprofile: narrow\nbudgets: { session: { calls: 3 } }\n');
  const on = (named: string, verb: string, ...words: readonly string[]) => tollgate('policy', verb, named, ...words);
  expect(await on(base, 'pin', '--yes')).toMatchObject({ code: 0, stdout: expect.stringContaining('base.lock.json') });
  expect((await on(policy, 'check')).code).toBe(0);
  expect(await on(policy, 'diff')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^same/) });
  rmSync(join(folder, 'base.lock.json'));
  expect((await on(policy, 'check')).code).toBe(78);
  expect(await on(policy, 'pin', '--yes')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('narrow.lock.json'),
  });
  expect((await on(policy, 'check')).code).toBe(0);
});
