import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openSecrets, type SecretsOptions } from '../../../src/identity/secrets/read-secret.ts';
import { isAlive, until } from '../../support/downstream.ts';
import { temporaryFolder } from '../../support/gateway.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ENVIRONMENT = { PATH: process.env['PATH'], HOME: folder, GATEWAY_OWN: 'of the gateway', MULTI: 'two\nlines\n' };

/** The text of the secret, or why there is none. */
async function read(reference: string, options: Partial<SecretsOptions> = {}): Promise<string> {
  const secret = await openSecrets({ environment: ENVIRONMENT, platform: 'linux', ...options })(reference);
  return secret.ok ? secret.value.reveal() : `none: ${secret.error}`;
}

function file(name: string, text: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const program = (name: string, script: string): string => file(name, `#!/bin/sh\n${script}\n`, 0o700);

describe('a secret is read', () => {
  test('from a variable, as it is', async () => {
    expect(await read('env://MULTI')).toBe('two\nlines\n');
  });

  test('from a file of ours, without the end of its last line', async () => {
    expect(await read(`file://${file('own', 'hunter2\r\n')}`)).toBe('hunter2');
    expect(await read(`file://${file('pem', 'a\nb\n\n')}`)).toBe('a\nb\n');
  });

  test('from what a program prints, with its words as they stand and no shell', async () => {
    const path = program('words', 'for word in "$@"; do printf "<%s>" "$word"; done; echo');
    expect(await read(`exec://${path} read $(id) ; *`)).toBe('<read><$(id)><;><*>');
  });

  test.each([
    ['linux' as const, 'secret-tool', '<lookup><service><crm><account><ada lovelace>'],
    ['darwin' as const, 'security', '<find-generic-password><-s><crm><-a><ada lovelace><-w>'],
  ])('from the keychain of %s, by its own program', async (platform, name, words) => {
    const bin = join(folder, platform);
    mkdirSync(bin);
    program(join(platform, name), 'for word in "$@"; do printf "<%s>" "$word"; done');
    const environment = { ...ENVIRONMENT, PATH: `${bin}:${process.env['PATH']}` };
    expect(await read('keychain://crm/ada lovelace', { platform, environment })).toBe(words);
  });

  test('once for all who want it at the same time, and anew for who comes after', async () => {
    const count = join(folder, 'count');
    const readSecret = openSecrets({ environment: ENVIRONMENT, platform: 'linux' });
    const reference = `exec://${program('counting', `echo x >> ${count}; echo secret`)}`;
    const all = await Promise.all([readSecret(reference), readSecret(reference)]);
    expect(all.map((one) => one.ok && one.value.reveal())).toEqual(['secret', 'secret']);
    expect(readFileSync(count, 'utf8')).toBe('x\n');
    await readSecret(reference);
    expect(readFileSync(count, 'utf8')).toBe('x\nx\n');
  });
});

describe('a program that prints a secret', () => {
  test('has a small environment, in which nothing of the gateway is', async () => {
    const names = (await read(`exec://${program('environment', 'env')}`)).split('\n').map((line) => line.split('=')[0]);
    expect(names).toEqual(expect.arrayContaining(['PATH', 'HOME']));
    expect(names).not.toContain('GATEWAY_OWN');
    expect(names).not.toContain('VITEST');
  });

  test('is not quoted when it fails', async () => {
    const path = program('failing', 'echo hunter2; echo hunter2 >&2; exit 3');
    expect(await read(`exec://${path} hunter3`)).toBe(
      `none: ${path} ended with exit code 3; what it says is not shown here, run it by hand`,
    );
  });

  test('has no input to wait for', async () => {
    expect(await read(`exec://${program('asking', 'read answer; echo "<$answer>"')}`)).toBe('<>');
  });

  test('that takes too long is ended, with all it started', async () => {
    const pid = join(folder, 'pid');
    const path = program('slow', `sleep 60 & echo $! > ${pid}; wait`);
    expect(await read(`exec://${path}`, { programWithin: 1500 })).toBe(`none: ${path} did not end within 1.5 s`);
    await until(() => existsSync(pid) && !isAlive(Number(readFileSync(pid, 'utf8'))));
  });

  test('that prints without end is ended', async () => {
    const path = program('endless', 'yes');
    expect(await read(`exec://${path}`)).toBe(`none: ${path} printed more than 64 KiB`);
  });

  test('that is not there is named', async () => {
    expect(await read('exec://no-such-program a')).toBe('none: there is no program no-such-program');
    expect(await read(`exec://${file('text', 'text')}`)).toContain('cannot be started (EACCES)');
  });
});

describe('there is no secret', () => {
  test.each([0o640, 0o604, 0o660, 0o610])('in a file that others can use (%o)', async (mode) => {
    const path = file(`loose-${mode}`, 'hunter2', mode);
    const octal = mode.toString(8).padStart(4, '0');
    expect(await read(`file://${path}`)).toBe(
      `none: ${path} has mode ${octal}: others can use it. Run: chmod 600 '${path}'`,
    );
  });

  test('in a loose file behind a link that looks tight', async () => {
    const link = join(folder, 'link');
    symlinkSync(file('behind', 'hunter2', 0o644), link);
    expect(await read(`file://${link}`)).toContain('others can use it');
  });

  test.skipIf(process.getuid?.() !== 0)('in a file of somebody else (needs root to make one)', async () => {
    const { chownSync } = await import('node:fs');
    const path = file('foreign', 'hunter2');
    chownSync(path, 12345, 12345);
    expect(await read(`file://${path}`)).toContain('belongs to user id 12345');
  });

  test.each([
    ['where no file is', 'file:///nonexistent/hunter', 'none: there is no file /nonexistent/hunter'],
    ['in a folder', 'file:///', 'is not a file'],
    ['in a variable that is not set', 'env://NONE', 'none: the environment variable NONE is not set'],
    ['in what every object has', 'env://toString', 'none: the environment variable toString is not set'],
    ['in a reference that is none', 'hunter2', 'none: expected { secret: REFERENCE }'],
  ])('%s', async (_name, reference, words) => {
    expect(await read(reference)).toContain(words);
  });

  test('in what is empty, endless or holds a NUL', async () => {
    expect(await read(`file://${file('empty', '\n')}`)).toBe(`none: the file ${join(folder, 'empty')} is empty`);
    expect(await read(`file://${file('long', 'a'.repeat(65 * 1024))}`)).toContain('is longer than 64 KiB');
    expect(await read(`file://${file('nul', 'a\0b')}`)).toContain('holds a NUL character');
    expect(await read('env://EMPTY', { environment: { EMPTY: '' } })).toContain('EMPTY is empty');
  });

  test('in a keychain that nobody can ask', async () => {
    expect(await read('keychain://a/b', { platform: 'win32' })).toBe(
      'none: there is no keychain that is read on win32: use file:// or exec://',
    );
    expect(await read('keychain://a/b', { environment: { PATH: folder } })).toContain(
      'there is no program secret-tool',
    );
  });
});
