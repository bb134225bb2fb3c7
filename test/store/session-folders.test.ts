import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SessionFolders } from '../../src/store/session-folders.ts';
import { temporaryFolder } from '../support/gateway.ts';

let folder: string;
let root: string;
beforeEach(() => {
  folder = temporaryFolder();
  root = join(folder, 'sessions');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a session’s folder', () => {
  test('is its own, and nobody else may enter it, whatever was there before', () => {
    mkdirSync(root, { mode: 0o777 });
    chmodSync(root, 0o777);
    const folders = new SessionFolders(root);
    const { dir } = folders.enter('s_1');
    expect([modeOf(root), modeOf(dir)]).toEqual([0o700, 0o700]);
    expect(folders.enter('s_2').dir).not.toBe(dir);
    chmodSync(dir, 0o755);
    folders.enter('s_1');
    expect(modeOf(dir)).toBe(0o700);
  });

  test('is the same again, with what was in it, until the session is over', () => {
    const { dir, leave } = new SessionFolders(root).enter('s_1');
    writeFileSync(join(dir, 'kept.txt'), 'kept');
    leave();
    expect(readFileSync(join(new SessionFolders(root).enter('s_1').dir, 'kept.txt'), 'utf8')).toBe('kept');
  });

  test('is named without links, as a server will name what is in it', () => {
    mkdirSync(join(folder, 'real'));
    symlinkSync(join(folder, 'real'), join(folder, 'linked'));
    const folders = new SessionFolders(join(folder, 'linked', 'sessions'));
    expect(folders.of('s_1')).toBe(join(folder, 'real', 'sessions', 's_1'));
    expect(folders.enter('s_1').dir).toBe(folders.of('s_1'));
  });

  test('is never a link that somebody left in its place', () => {
    const folders = new SessionFolders(root);
    mkdirSync(join(folder, 'elsewhere'), { mode: 0o755 });
    chmodSync(join(folder, 'elsewhere'), 0o755);
    symlinkSync(join(folder, 'elsewhere'), folders.of('s_1'));
    expect(() => folders.enter('s_1')).toThrow('is a link');
    expect(modeOf(join(folder, 'elsewhere'))).toBe(0o755);
  });

  test('goes with all that is in it, and with nothing that it links to', () => {
    const folders = new SessionFolders(root);
    const { dir } = folders.enter('s_1');
    writeFileSync(join(folder, 'outside.txt'), 'outside');
    mkdirSync(join(dir, 'deep'));
    writeFileSync(join(dir, 'deep', 'file'), 'inside');
    symlinkSync(join(folder, 'outside.txt'), join(dir, 'link'));
    symlinkSync(folder, join(dir, 'deep', 'up'));
    expect(folders.remove('s_1')).toBe(true);
    expect(existsSync(dir)).toBe(false);
    expect(readFileSync(join(folder, 'outside.txt'), 'utf8')).toBe('outside');
  });
});

test('a process that only lists has a folder of its own, gone when it leaves', () => {
  const folders = new SessionFolders(root);
  const [one, other] = [folders.enter(undefined), folders.enter(undefined)];
  expect(one.dir).not.toBe(other.dir);
  expect(modeOf(one.dir)).toBe(0o700);
  writeFileSync(join(one.dir, 'file'), 'left');
  one.leave();
  expect([existsSync(one.dir), existsSync(other.dir)]).toEqual([false, true]);
});

test('a sweep takes what killed processes left that only listed, and no session’s', () => {
  const folders = new SessionFolders(root);
  for (const session of ['s_over', 's_live', undefined]) folders.enter(session);
  expect(folders.names().toSorted()).toEqual(['s_live', 's_over']);
  expect(folders.sweep()).toEqual([]);
  expect(readdirSync(root).toSorted()).toEqual(['s_live', 's_over']);
});
