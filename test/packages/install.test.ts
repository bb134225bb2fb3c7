/** Packages fetched from a registry on loopback by the real npm. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { LockedPackage } from '../../src/domain/lock.ts';
import { installPackage } from '../../src/packages/install.ts';
import { folderOfPackage, programOf } from '../../src/packages/installed.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { type Made, type Registry, startRegistry } from './registry.ts';

const folder = temporaryFolder();
const ran = join(folder, 'ran');
const script = `node -e "require('fs').writeFileSync('${ran}', 'ran')"`;
const SERVER: Made = {
  name: '@scope/files',
  version: '1.2.3',
  manifest: {
    bin: { files: 'main.js', other: 'other.js' },
    dependencies: { helper: '^1.0.0' },
    scripts: { preinstall: script, install: script, postinstall: script, prepare: script },
  },
  files: { 'main.js': 'console.log("main");', 'other.js': '' },
};
const HELPER: Made = { name: 'helper', version: '1.0.0', manifest: { scripts: { postinstall: script } } };
const wanted = { name: SERVER.name, version: SERVER.version };

let registry: Registry;
let integrity: string;
let packages: string;
let count = 0;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  count += 1;
  packages = join(folder, `packages-${count}`);
  integrity = registry.publish(SERVER);
  registry.publish(HELPER);
});

function install(locked?: LockedPackage, more: Readonly<Record<string, string>> = {}, what = wanted) {
  // A cache for each test: what one fetched must not answer for another's registry.
  const npm = { npm_config_registry: registry.url, npm_config_cache: mkdtempSync(join(folder, 'cache-')) };
  const quick = { npm_config_fetch_retries: '0', npm_config_userconfig: join(folder, 'no-npmrc') };
  return installPackage({
    wanted: what,
    locked,
    packages,
    environment: environmentOf(folder, { ...npm, ...quick, ...more }),
  });
}

async function installed(): Promise<LockedPackage> {
  const done = await install();
  if (!done.ok) throw new Error(done.error);
  return done.value;
}

const program = (locked: LockedPackage) => programOf(locked, packages, 'p.yaml');

describe('a package', () => {
  test('takes its place with what it depends on, named by its integrity, and nothing of it has run', async () => {
    const locked = await installed();
    const record = { lockfileVersion: 3, requires: true, packages: expect.anything() };
    expect(locked).toEqual({ ...wanted, integrity, tree: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), record });
    const digits = Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex').slice(0, 16);
    const place = join(packages, `@scope/files@1.2.3-${digits}`);
    expect(folderOfPackage(packages, locked)).toBe(place);
    expect(program(locked)).toEqual({ ok: true, value: join(place, 'node_modules/@scope/files/main.js') });
    expect(existsSync(join(place, 'node_modules/helper/package.json'))).toBe(true);
    expect(existsSync(ran)).toBe(false);
    expect(readdirSync(packages)).toEqual(['@scope']);
    expect(statSync(packages).mode & 0o777).toBe(0o700);
  });

  test('stays where it is told, whatever project or prefix npm was called for', async () => {
    const project = join(folder, 'project');
    mkdirSync(project, { recursive: true });
    writeFileSync(join(project, 'package.json'), '{"private":true}');
    const strays = {
      npm_config_local_prefix: project,
      npm_config_global: 'true',
      npm_config_prefix: project,
      npm_config_ignore_scripts: 'false',
      npm_config_package_lock: 'false',
    };
    expect((await install(undefined, strays)).ok).toBe(true);
    expect(readdirSync(project)).toEqual(['package.json']);
    expect(existsSync(ran)).toBe(false);
  });

  test('is fetched again as it was locked, with the very dependencies of then, from whatever registry', async () => {
    const locked = await installed();
    rmSync(packages, { recursive: true });
    const other = await startRegistry();
    onTestFinished(() => other.close());
    for (const made of [SERVER, HELPER, { ...HELPER, version: '1.9.0' }]) other.publish(made);
    expect(await install(locked, { npm_config_registry: other.url })).toEqual({ ok: true, value: locked });
    expect(other.asked).toContain('/tarballs/helper-1.0.0.tgz');
    expect(program(locked).ok).toBe(true);
    expect(existsSync(join(folderOfPackage(packages, locked), 'node_modules/helper/package.json'))).toBe(true);
    expect(existsSync(ran)).toBe(false);
  });

  test('is not installed from a record that is not the one which was locked', async () => {
    const locked = await installed();
    const forged = JSON.stringify(locked.record).replace('node_modules/helper', 'node_modules/other');
    const done = await install({ ...locked, record: JSON.parse(forged) });
    expect(done.ok).toBe(false);
    const { record: _own, ...rest } = locked;
    const dropped = { lockfileVersion: 3, packages: { '': {}, 'node_modules/@scope/files': { ...wanted, integrity } } };
    expect((await install({ ...rest, record: dropped })).ok).toBe(false);
  });

  test('whose tarball is not what the registry vouches for is not installed', async () => {
    registry.tamper({ ...SERVER, files: { 'main.js': 'console.log("evil");' } });
    const done = await install();
    expect(done).toMatchObject({ ok: false, error: expect.stringContaining('EINTEGRITY') });
    expect(readdirSync(packages)).toEqual([]);
  });

  test('that the registry has replaced since it was locked is not installed', async () => {
    const locked = await installed();
    registry.publish({ ...SERVER, files: { 'main.js': 'console.log("evil");' } });
    expect(await install(locked)).toMatchObject({ ok: false, error: expect.stringContaining('EINTEGRITY') });
    expect(readdirSync(join(packages, '@scope'))).toHaveLength(1);
    expect(program(locked).ok).toBe(true);
  });

  test('whose dependency was replaced since it was locked is not installed', async () => {
    const locked = await installed();
    registry.publish({ ...HELPER, files: { 'evil.js': 'evil' } });
    expect(await install(locked)).toMatchObject({ ok: false, error: expect.stringContaining('EINTEGRITY') });
  });

  test('that depends on what has no integrity is not installed', async () => {
    const git = {
      ...SERVER.manifest,
      dependencies: { helper: new URL('tarballs/helper-1.0.0.tgz', registry.url).href },
    };
    registry.publish({ ...SERVER, manifest: git });
    expect((await install()).ok).toBe(true);
    mkdirSync(join(folder, 'beside'), { recursive: true });
    writeFileSync(join(folder, 'beside', 'package.json'), '{"name":"helper","version":"1.0.0"}');
    registry.publish({ ...SERVER, manifest: { ...git, dependencies: { helper: `file:${join(folder, 'beside')}` } } });
    expect(await install()).toMatchObject({ ok: false, error: expect.stringContaining('without a sha512 integrity') });
  });

  test('that there is none of is told in npm’s words, without leaving anything', async () => {
    const done = await install(undefined, {}, { name: 'nobody', version: '1.0.0' });
    expect(done).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^npm did not fetch nobody@1\.0\.0: .*E404/),
    });
    expect(readdirSync(packages)).toEqual([]);
  });

  test('needs an npm', async () => {
    expect(await install(undefined, { PATH: '/nowhere' })).toEqual({
      ok: false,
      error: 'there is no npm on the PATH to fetch it with',
    });
  });
});

describe('an installed package does not start', () => {
  const edit = (locked: LockedPackage, edited: (text: string) => string): void => {
    const file = join(folderOfPackage(packages, locked), 'package-lock.json');
    writeFileSync(file, edited(readFileSync(file, 'utf8')));
  };
  const other = `sha512-${'A'.repeat(86)}==`;

  test('whose recorded integrity is not the locked one', async () => {
    const locked = await installed();
    edit(locked, (text) => text.replace(integrity, other));
    expect(program(locked)).toMatchObject({ ok: false, error: expect.stringMatching(/: it is not what was locked$/) });
  });

  test('one of whose dependencies is another', async () => {
    const locked = await installed();
    edit(locked, (text) => text.replace('"version": "1.0.0"', '"version": "1.0.1"'));
    expect(program(locked)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/what it depends on is not what was/),
    });
  });

  test('whose record is gone, or that is not there', async () => {
    const locked = await installed();
    edit(locked, () => '{');
    expect(program(locked)).toMatchObject({ ok: false, error: expect.stringContaining('no record of') });
    rmSync(packages, { recursive: true });
    expect(program(locked)).toEqual({
      ok: false,
      error: 'npm:@scope/files@1.2.3 is not installed: tollgate policy install p.yaml',
    });
  });

  test.each([
    ['a program outside of it', { bin: '../../helper/package.json' }, 'names a program that it does not have'],
    ['a program that it does not have', { bin: 'gone.js' }, 'names a program that it does not have'],
    [
      'several programs, none of its own name',
      { bin: { a: 'main.js', b: 'other.js' } },
      'has 2 programs, and none is named files',
    ],
    ['no program', { bin: undefined }, 'has no program to start'],
  ])('that has %s', async (_what, manifest, why) => {
    registry.publish({ ...SERVER, manifest: { dependencies: { helper: '1.0.0' }, ...manifest } });
    expect(program(await installed())).toMatchObject({ ok: false, error: expect.stringContaining(why) });
  });
});
