import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { accessToken, createPrivate, KeyFault, readPrivate, secretKey } from '../../src/identity/keys.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-keys-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** What stops the start, with the folder's own path as `~`. */
function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof KeyFault) return error.message.replaceAll(folder, '~');
    throw error;
  }
  return 'no fault';
}

describe('a secret key', () => {
  test('is 32 bytes, and the same at the next start', () => {
    const key = secretKey(folder, 'journal');
    expect(key).toHaveLength(32);
    expect(secretKey(folder, 'journal')).toEqual(key);
  });

  test('is one per purpose', () => {
    expect(secretKey(folder, 'journal')).not.toEqual(secretKey(folder, 'state'));
  });

  test('lies in a 0600 file of a 0700 folder, and no draft of it stays', () => {
    const own = join(folder, 'deep', 'keys');
    secretKey(own, 'journal');
    expect(modeOf(own)).toBe(0o700);
    expect(modeOf(join(own, 'journal'))).toBe(0o600);
    expect(readdirSync(own)).toEqual(['journal']);
  });

  test('is the same one for processes that race to create it', async () => {
    const racers = Array.from({ length: 4 }, () => fork(new URL('race-for-key.ts', import.meta.url), [folder]));
    await Promise.all(racers.map((racer) => once(racer, 'message')));
    const answers = racers.map((racer) => once(racer, 'message'));
    for (const racer of racers) racer.send('go');
    const keys = (await Promise.all(answers)).map(([key]) => String(key));
    expect(keys).toHaveLength(4);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}(,[0-9a-f]{64}){49}$/);
    expect(new Set(keys).size).toBe(1);
  });

  test.each([
    [0o640, '0640'],
    [0o604, '0604'],
    [0o602, '0602'],
  ])('that others can use (%i, that is %s) stops the start and says what to run', (mode, shown) => {
    secretKey(folder, 'journal');
    chmodSync(join(folder, 'journal'), mode);
    expect(faultOf(() => secretKey(folder, 'journal'))).toBe(
      `~/journal has mode ${shown}: others can use it. Run: chmod 600 '~/journal'`,
    );
  });

  test('in a folder that others can enter stops the start and says what to run', () => {
    chmodSync(folder, 0o750);
    expect(faultOf(() => secretKey(folder, 'journal'))).toBe("~ has mode 0750: others can use it. Run: chmod 700 '~'");
  });

  test('whose path has a quote in it is named so that a shell can take it', () => {
    const odd = join(folder, "it's");
    mkdirSync(odd, { mode: 0o755 });
    expect(faultOf(() => secretKey(odd, 'journal'))).toContain("chmod 700 '~/it'\\''s'");
  });

  test.each([0, 31, 33])('of %i bytes stops the start', (length) => {
    writeFileSync(join(folder, 'journal'), Buffer.alloc(length), { mode: 0o600 });
    expect(faultOf(() => secretKey(folder, 'journal'))).toMatch(`~/journal holds ${length} bytes, not the 32 of a key`);
  });

  test.skipIf(process.getuid?.() !== 0)('of another user stops the start (only root can prepare this)', () => {
    secretKey(folder, 'journal');
    chownSync(join(folder, 'journal'), 12_345, 12_345);
    expect(faultOf(() => secretKey(folder, 'journal'))).toBe(
      "~/journal belongs to user id 12345, not to 0, who runs Tollgate. Run: chown 0 '~/journal'",
    );
  });

  test('that is a folder stops the start', () => {
    mkdirSync(join(folder, 'journal'), { mode: 0o700 });
    expect(faultOf(() => secretKey(folder, 'journal'))).toBe('~/journal is not a file.');
  });
});

describe('the access token', () => {
  test('is 256 bits as base64url in a 0600 file, and the same at the next start', () => {
    const token = accessToken(folder);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(modeOf(join(folder, 'token'))).toBe(0o600);
    expect(accessToken(folder)).toBe(token);
  });

  test.each(['', 'secret', `${'a'.repeat(43)}\n`])(
    '%j stops the start: no weak or damaged token is believed',
    (text) => {
      writeFileSync(join(folder, 'token'), text, { mode: 0o600 });
      expect(faultOf(() => accessToken(folder))).toBe(
        "~/token is not a token of 43 base64url characters. For a new one run: rm '~/token'",
      );
    },
  );

  test('that others can read stops the start', () => {
    accessToken(folder);
    chmodSync(join(folder, 'token'), 0o644);
    expect(faultOf(() => accessToken(folder))).toContain("chmod 600 '~/token'");
  });
});

describe('a private file', () => {
  test('is never replaced', () => {
    expect(createPrivate(folder, 'one', Buffer.from('first'))).toBe(true);
    expect(createPrivate(folder, 'one', Buffer.from('second'))).toBe(false);
    expect(readPrivate(join(folder, 'one'))?.toString()).toBe('first');
    expect(readdirSync(folder)).toEqual(['one']);
  });

  test('that is not there is told from one that is empty', () => {
    writeFileSync(join(folder, 'empty'), '', { mode: 0o600 });
    expect(readPrivate(join(folder, 'none'))).toBeUndefined();
    expect(readPrivate(join(folder, 'empty'))).toHaveLength(0);
  });
});
