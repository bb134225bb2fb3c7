import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { legacyClient, modernClient, type Server, temporaryFolder } from './clients.ts';

const MIB = 1024 * 1024;

/** A workspace with a secret beside it. */
async function workspace(): Promise<{ server: Server; root: string; outside: string }> {
  const folder = temporaryFolder();
  const root = join(folder, 'root');
  const outside = join(folder, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  return { server: await legacyClient('workspace', root), root, outside };
}

describe('workspace on the wire', () => {
  const clients = {
    'the v1 client': (folder: string) => legacyClient('workspace', folder),
    'the v2 client, legacy era': (folder: string) => modernClient('workspace', folder, 'legacy'),
    'the v2 client, 2026-07-28': (folder: string) => modernClient('workspace', folder, { pin: '2026-07-28' }),
  };
  for (const [name, connect] of Object.entries(clients)) {
    it(`writes, lists and reads for ${name}`, async () => {
      const root = join(temporaryFolder(), 'made', 'when absent');
      const server = await connect(root);
      const text = '\uFEFFgrüße\r\n🦉\n';
      const bytes = Buffer.byteLength(text);
      expect(await server.call('write_file', { path: 'a/b.txt', text })).toMatchObject({
        isError: false,
        structured: { path: 'a/b.txt', bytes },
      });
      expect(readFileSync(join(root, 'a/b.txt'), 'utf8')).toBe(text);
      expect(await server.call('read_file', { path: './a//b.txt' })).toMatchObject({ isError: false, text });
      expect((await server.call('list_files', {})).structured).toEqual({
        path: '.',
        entries: [{ name: 'a', type: 'folder' }],
        truncated: false,
      });
      expect((await server.call('list_files', { path: 'a' })).structured).toEqual({
        path: 'a',
        entries: [{ name: 'b.txt', type: 'file', bytes }],
        truncated: false,
      });
      expect((await server.tools()).map((tool) => [tool.name, tool.outputSchema !== undefined])).toEqual([
        ['read_file', false],
        ['list_files', true],
        ['write_file', true],
      ]);
    });
  }

  it('speaks the newest revision to a client that asks for the best', async () => {
    const server = await modernClient('workspace', temporaryFolder(), 'auto');
    expect(server.revision).toBe('2026-07-28');
  });

  it.each([[[]], [['']], [['--help']], [['a', 'b']], [['package.json']]])(
    'says what is wrong with %j in one line, exit code 64',
    (given) => {
      const ran = spawnSync(process.execPath, ['servers/workspace/main.ts', ...given], { encoding: 'utf8', input: '' });
      expect({ status: ran.status, stdout: ran.stdout }).toEqual({ status: 64, stdout: '' });
      expect(ran.stderr).toMatch(/^(usage: .*FOLDER|workspace: cannot use .*)\n$/);
    },
  );
});

describe('workspace never leaves its folder', () => {
  it('refuses absolute paths, "..", NUL and drive letters in every tool', async () => {
    const { server, root, outside } = await workspace();
    const before = readdirSync(outside);
    for (const path of [
      join(outside, 'secret.txt'),
      '../outside/secret.txt',
      'a/../../outside/secret.txt',
      'a\\..\\..\\outside',
      '..',
      'C:\\secret.txt',
      'a\0b',
    ]) {
      for (const tool of ['read_file', 'list_files', 'write_file']) {
        const called = await server.call(tool, { path, ...(tool === 'write_file' ? { text: 'x' } : {}) });
        expect(called, `${tool} ${path}`).toMatchObject({ isError: true });
        expect(called.text).toMatch(/absolute path|contains "\.\."|NUL/);
      }
    }
    expect(readdirSync(outside)).toEqual(before);
    expect(readdirSync(root)).toEqual([]);
  });

  it('refuses links that lead out, to files, to folders and to nothing', async () => {
    const { server, root, outside } = await workspace();
    symlinkSync(join(outside, 'secret.txt'), join(root, 'file'));
    symlinkSync(outside, join(root, 'folder'));
    symlinkSync(join(outside, 'new.txt'), join(root, 'nowhere'));
    symlinkSync('folder', join(root, 'twice'));
    const calls: [string, Record<string, unknown>][] = [
      ['read_file', { path: 'file' }],
      ['read_file', { path: 'folder/secret.txt' }],
      ['read_file', { path: 'twice/secret.txt' }],
      ['list_files', { path: 'folder' }],
      ['write_file', { path: 'file', text: 'x' }],
      ['write_file', { path: 'folder/secret.txt', text: 'x' }],
      ['write_file', { path: 'folder/made/new.txt', text: 'x' }],
      ['write_file', { path: 'nowhere', text: 'x' }],
      ['write_file', { path: 'nowhere/new.txt', text: 'x' }],
    ];
    for (const [tool, given] of calls) {
      const called = await server.call(tool, given);
      expect(called, `${tool} ${given['path']}`).toMatchObject({ isError: true });
      expect(called.text).not.toContain(outside);
      expect(called.text).toMatch(/leads out|leads nowhere/);
    }
    expect(readdirSync(outside)).toEqual(['secret.txt']);
    expect(readFileSync(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
  });

  it('follows links that stay inside, and writes to what they mean', async () => {
    const { server, root } = await workspace();
    writeFileSync(join(root, 'real.txt'), 'old');
    symlinkSync('real.txt', join(root, 'link'));
    expect(await server.call('read_file', { path: 'link' })).toMatchObject({ isError: false, text: 'old' });
    expect(await server.call('write_file', { path: 'link', text: 'new' })).toMatchObject({ isError: false });
    expect(readFileSync(join(root, 'real.txt'), 'utf8')).toBe('new');
    expect((await server.call('list_files', {})).structured?.['entries']).toEqual([
      { name: 'link', type: 'link' },
      { name: 'real.txt', type: 'file', bytes: 3 },
    ]);
  });
});

describe('workspace refuses in words', () => {
  it('reads 1 MiB and not a byte more', async () => {
    const { server, root } = await workspace();
    writeFileSync(join(root, 'full'), 'x'.repeat(MIB));
    writeFileSync(join(root, 'over'), 'x'.repeat(MIB + 1));
    expect((await server.call('read_file', { path: 'full' })).text).toHaveLength(MIB);
    expect(await server.call('read_file', { path: 'over' })).toMatchObject({
      isError: true,
      text: '"over" is larger than 1 MiB (1048577 bytes). It was not read.',
    });
  });

  it('counts bytes, not characters, when writing', async () => {
    const { server, root } = await workspace();
    const called = await server.call('write_file', { path: 'over', text: 'é'.repeat(MIB / 2 + 1) });
    expect(called).toMatchObject({ isError: true });
    expect(called.text).toContain('larger than 1 MiB');
    expect(readdirSync(root)).toEqual([]);
  });

  it('says what is there instead of a text file, and does not hang on a pipe', async () => {
    const { server, root } = await workspace();
    mkdirSync(join(root, 'folder'));
    writeFileSync(join(root, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
    execFileSync('/usr/bin/mkfifo', [join(root, 'pipe')]);
    const read = async (path: string) => (await server.call('read_file', { path })).text;
    expect(await read('none')).toBe('There is no "none". Use list_files to see what exists.');
    expect(await read('folder')).toBe('"folder" is a folder. Use list_files.');
    expect(await read('binary')).toBe('"binary" is not UTF-8 text.');
    expect(await read('pipe')).toBe('"pipe" is not a regular file.');
    expect(await read('binary/deeper')).toBe('"binary/deeper" is no folder, or goes through a file as if it were one.');
    const write = async (path: string) => (await server.call('write_file', { path, text: 'x' })).text;
    expect(await write('folder')).toBe('"folder" is a folder. Nothing was written.');
    expect(await write('pipe')).toBe('"pipe" is a special file. Nothing was written.');
    expect(await write('binary/deeper')).toContain('"binary/deeper"');
    expect(await write('x'.repeat(300))).toBe('The path is too long.');
  });

  it('refuses half a surrogate pair instead of writing something else', async () => {
    const { server, root } = await workspace();
    expect(await server.call('write_file', { path: 'a', text: '\ud800' })).toMatchObject({ isError: true });
    expect(existsSync(join(root, 'a'))).toBe(false);
  });
});

describe('workspace writes all or nothing', () => {
  it('replaces a file as a whole: whoever has it open keeps the old text, its mode stays, nothing is left over', async () => {
    const { server, root } = await workspace();
    const path = join(root, 'a.txt');
    writeFileSync(path, 'old text');
    chmodSync(path, 0o640);
    linkSync(path, join(root, 'kept'));
    const open = openSync(path, 'r');
    expect(await server.call('write_file', { path: 'a.txt', text: 'new' })).toMatchObject({ isError: false });
    expect(readFileSync(open, 'utf8')).toBe('old text');
    closeSync(open);
    expect(readFileSync(join(root, 'kept'), 'utf8')).toBe('old text');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(root)).toEqual(['a.txt', 'kept']);
  });

  it('lists at most 1000 entries and says so', async () => {
    const { server, root } = await workspace();
    for (let made = 0; made < 1001; made += 1) writeFileSync(join(root, `${made}`.padStart(4, '0')), '');
    const { structured } = await server.call('list_files', { path: '.' });
    expect(structured?.['entries']).toHaveLength(1000);
    expect(structured?.['truncated']).toBe(true);
  });
});
