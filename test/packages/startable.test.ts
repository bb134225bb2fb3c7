/** What is started of a package, by what policies have locked. The folders are as npm leaves them. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestOf } from '../../src/domain/json.ts';
import type { Lock, LockedPackage } from '../../src/domain/lock.ts';
import type { ServerAddress } from '../../src/domain/policy.ts';
import { folderOfPackage } from '../../src/packages/installed.ts';
import { allStartable, startable } from '../../src/packages/startable.ts';
import { packageShape } from '../../src/policy/lock/package-shape.ts';
import { temporaryFolder } from '../support/gateway.ts';

const NAME = { name: 'files', version: '1.2.3' };
const files: ServerAddress = {
  kind: 'stdio',
  command: ['node', 'npm:files@1.2.3', '--root', '/'],
  env: {},
  cwd: '/',
  era: undefined,
  package: NAME,
};
const crm: ServerAddress = { kind: 'http', url: 'http://127.0.0.1:1/', era: undefined };

let packages: string;
beforeEach(() => {
  packages = temporaryFolder();
});
afterEach(() => rmSync(packages, { recursive: true, force: true }));

/** A package of this integrity, which is one letter again and again. */
function installed(letter: string): LockedPackage {
  const integrity = `sha512-${letter.repeat(86)}==`;
  const record = { lockfileVersion: 3, packages: { '': {}, 'node_modules/files': { version: '1.2.3', integrity } } };
  const tree = digestOf({ 'node_modules/files': { version: '1.2.3', integrity } });
  const locked = { ...NAME, integrity, tree, record };
  const place = join(folderOfPackage(packages, locked), 'node_modules', 'files');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'package.json'), '{"bin":"main.js"}');
  writeFileSync(join(place, 'main.js'), '');
  writeFileSync(join(place, '../../package-lock.json'), JSON.stringify(record));
  expect(packageShape.safeParse(locked)).toEqual({ success: true, data: locked });
  return locked;
}

function profileOf(file: string, locked: LockedPackage | 'without its package' | 'no lock') {
  const held = { instructions: undefined, definitions: [], templates: [], pages: new Map(), reached: undefined };
  const server = locked === 'without its package' || locked === 'no lock' ? held : { ...held, package: locked };
  const lock: Lock = { file: `${file}.lock.json`, text: '', digest: '', servers: new Map([['files', server]]) };
  return {
    file,
    servers: new Map([
      ['files', files],
      ['crm', crm],
    ]),
    lock: locked === 'no lock' ? undefined : lock,
  };
}

const started = (locked: LockedPackage): ServerAddress => ({
  ...files,
  command: [process.execPath, join(folderOfPackage(packages, locked), 'node_modules/files/main.js'), '--root', '/'],
});

test('the locked package is started with our node and the words of the file; other servers stay as they are', () => {
  const [mine] = [installed('A'), installed('B')];
  const found = startable(profileOf('a', mine), [], packages);
  expect(found).toEqual({
    ok: true,
    value: new Map([
      ['files', started(mine)],
      ['crm', crm],
    ]),
  });
});

test('without a lock the one that is installed is, and of two none', () => {
  const mine = installed('A');
  const found = startable(profileOf('a', 'no lock'), [], packages);
  expect(found.ok && found.value.get('files')).toEqual(started(mine));
  installed('B');
  expect(startable(profileOf('a', 'no lock'), [], packages)).toMatchObject({
    ok: false,
    error: [expect.stringMatching(/^files: npm:files@1\.2\.3 is there twice, in .* and .*: remove the wrong one$/)],
  });
});

test('a package that is not installed is told with the command that fetches it', () => {
  const mine = installed('A');
  rmSync(folderOfPackage(packages, mine), { recursive: true });
  const error = ['files: npm:files@1.2.3 is not installed: tollgate policy install a'];
  expect(startable(profileOf('a', mine), [], packages)).toEqual({ ok: false, error });
  expect(startable(profileOf('a', 'no lock'), [], packages)).toEqual({ ok: false, error });
});

test('a lock that holds none of it, or another version, starts none', () => {
  const mine = installed('A');
  expect(startable(profileOf('a', 'without its package'), [], packages)).toEqual({
    ok: false,
    error: ['files: a.lock.json holds no package of it, and not npm:files@1.2.3: tollgate policy accept --pins a'],
  });
  expect(startable(profileOf('a', { ...mine, version: '1.2.2' }), [], packages)).toEqual({
    ok: false,
    error: ['files: a.lock.json holds npm:files@1.2.2, and not npm:files@1.2.3: tollgate policy accept --pins a'],
  });
});

test('two policies that locked different packages for one server do not run side by side', () => {
  const [a, b] = [profileOf('a', installed('A')), profileOf('b', installed('B'))];
  expect(startable(a, [a, b], packages)).toEqual({ ok: false, error: ['files: b has locked another package for it'] });
  expect(allStartable([b, a], packages).ok).toBe(false);
  expect(allStartable([a, a], packages).ok).toBe(true);
});
