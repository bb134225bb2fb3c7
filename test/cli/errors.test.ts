import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { secretKey } from '../../src/identity/keys.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { recordingServer } from '../support/recording-server.ts';
import { goodPolicy, place, policyOf, problemsOf } from './place.ts';

describe('a gateway does not start, and says in one line why, where', () => {
  test('the policy has mistakes: all of them, each with file, line and column', async () => {
    const { file, tollgate } = place();
    const policy = file('p.yaml', policyOf('{ command: [node, x.js], enw: {} }', 'ruff.rough'));
    for (const words of [
      ['serve', '--port', '0', '--policy', policy],
      ['policy', 'check', policy],
    ]) {
      const finished = await tollgate(words);
      expect(problemsOf(finished, 78)).toEqual([
        `tollgate: ${policy}:4:12: unused: no tool, resource or prompt of "rough" is listed`,
        expect.stringMatching(new RegExp(`^tollgate: ${policy}:4:44: unknown key "enw"; did you mean "env"\\?$`)),
        expect.stringMatching(new RegExp(`^tollgate: ${policy}:5:10: there is no server "ruff"`)),
      ]);
      expect(finished.stderr.trim().split('\n')).toHaveLength(3);
    }
  });

  test.each([
    ['is not there', () => undefined, /there is no such file$/],
    ['is a folder', (path: string) => mkdirSync(path), /cannot be read \(EISDIR\)$/],
    ['is no text', (path: string) => writeFileSync(path, Buffer.from([0xff, 0xfe])), /not valid UTF-8$/],
    ['is empty', (path: string) => writeFileSync(path, ''), /:1:1: /],
  ])('the policy file %s', async (_, make, expected) => {
    const { home, tollgate } = place();
    const file = `${home.folder}.yaml`;
    make(file);
    for (const words of [
      ['serve', '--port', '0', '--policy', file],
      ['policy', 'check', file],
    ]) {
      const problems = problemsOf(await tollgate(words), 78);
      expect(problems[0]).toMatch(expected);
      expect(problems[0]).toContain(file);
    }
  });

  test('the deployment file is not there', async () => {
    const { tollgate } = place();
    expect(problemsOf(await tollgate(['serve', '--config', 'no.yaml']), 78)).toEqual([
      expect.stringMatching(/no\.yaml:1:1: there is no such file$/),
    ]);
  });

  test('a server program is not there', async () => {
    const { file, tollgate } = place();
    const policy = file('p.yaml', policyOf('{ command: [no-such-program] }'));
    expect(problemsOf(await tollgate(['serve', '--port', '0', '--policy', policy]), 69)).toEqual([
      'tollgate: rough: cannot start no-such-program: there is no program no-such-program',
    ]);
  });

  test('a server ends at once, and its last words are quoted', async () => {
    const { file, tollgate } = place();
    const server = file('ends.js', "console.error('first'); console.error('the database is away'); process.exit(3)");
    const policy = file('p.yaml', policyOf(JSON.stringify({ command: ['node', server] })));
    expect(problemsOf(await tollgate(['serve', '--port', '0', '--policy', policy]), 69)).toEqual([
      'tollgate: rough: node ended (exit code 3): the database is away',
    ]);
  });

  test('a server has no such tool', async () => {
    const { file, tollgate } = place();
    const policy = file('p.yaml', goodPolicy().replace('rough.rough:', 'rough.ruff:'));
    expect(problemsOf(await tollgate(['serve', '--port', '0', '--policy', policy]), 78)).toEqual([
      `tollgate: ${policy}: rough.ruff: rough has no tool ruff`,
    ]);
  });

  test('the port is in use', async () => {
    const { file, tollgate } = place();
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const words = ['serve', '--port', String(port), '--policy', file('p.yaml', goodPolicy())];
    expect(problemsOf(await tollgate(words), 69)).toEqual([
      `tollgate: port ${port} of 127.0.0.1 is in use: stop what listens there, or choose another with --port`,
    ]);
  });

  test('its home is a file', async () => {
    const { home, file, tollgate } = place();
    file('home', 'a file');
    const policy = file('p.yaml', goodPolicy());
    const serve = problemsOf(await tollgate(['serve', '--port', '0', '--policy', policy]), 74);
    expect(serve).toEqual([expect.stringContaining(`tollgate: ${home.folder} cannot be used`)]);
    expect(problemsOf(await tollgate(['stdio', '--policy', policy]), 74)).toHaveLength(1);
  });
});

describe('the ledger', () => {
  test.each([
    ['is garbage', (file: string) => writeFileSync(file, randomBytes(8192)), /is not a ledger/],
    [
      'is garbage behind a head of SQLite',
      (file: string) => writeFileSync(file, damaged()),
      /is damaged|is not a ledger/,
    ],
    ['is a folder', (file: string) => mkdirSync(file), /is a folder|cannot be opened/],
  ])('%s: nothing runs on it, and it is left as it is', async (_, spoil, expected) => {
    const { home, file, tollgate } = place();
    mkdirSync(home.folder, { mode: 0o700 });
    spoil(home.ledger);
    const policy = file('p.yaml', goodPolicy());
    for (const words of [['serve', '--port', '0', '--policy', policy], ['holds'], ['stdio', '--policy', policy]]) {
      const problems = problemsOf(await tollgate(words), 74);
      expect(problems).toEqual([expect.stringMatching(expected)]);
      expect(problems[0]).toContain(home.ledger);
    }
    expect(existsSync(home.ledger)).toBe(true);
  });

  test.each([
    [['holds']],
    [['sessions']],
    [['trace', 's_1']],
    [['audit', 'verify']],
    [['approve', 'h_1']],
    [['deny', 'h_1', '--because', 'no']],
    [['session', 'pause', 's_1', '--because', 'no']],
  ])('is not there yet for %j, which makes none', async (words) => {
    const { home, tollgate } = place();
    expect(problemsOf(await tollgate(words), 69)).toEqual([
      expect.stringMatching(/there is no ledger in .* yet: start the gateway/),
    ]);
    expect(existsSync(home.folder)).toBe(false);
  });
});

const damaged = (): Buffer => Buffer.concat([Buffer.from('SQLite format 3\0', 'latin1'), randomBytes(8192)]);

test('a key that others can read is not used, and the command that mends it is named', async () => {
  const { home, file, tollgate } = place();
  secretKey(home.keys, 'content');
  const key = join(home.keys, 'content');
  chmodSync(key, 0o644);
  chmodSync(home.folder, 0o700);
  writeFileSync(home.ledger, '');
  const policy = file('p.yaml', goodPolicy());
  for (const words of [['serve', '--port', '0', '--policy', policy], ['holds'], ['stdio', '--policy', policy]]) {
    const problems = problemsOf(await tollgate(words), 74);
    expect(problems).toEqual([
      expect.stringContaining(`${key} has mode 0644: others can use it. Run: chmod 600 '${key}'`),
    ]);
  }
});

describe('a command line', () => {
  test.each([
    [['explode'], "tollgate: unknown command 'explode'"],
    [['serve', '--prot', '1'], "tollgate: unknown option '--prot' (Did you mean --port?)"],
    [['serve', '--port', '65536'], "tollgate: option '--port <number>' argument '65536' is invalid."],
    [['serve', 'policy.yaml'], "tollgate: too many arguments for 'serve'."],
    [['stdio'], "tollgate: required option '--policy <file>' not specified"],
    [['approve'], "tollgate: missing required argument 'hold'"],
    [['deny', 'h_1'], "tollgate: required option '--because <reason>' not specified"],
    [['session', 'explode', 's_1', '--because', 'x'], "tollgate: unknown command 'explode'"],
    [['policy', 'chek', 'p.yaml'], "tollgate: unknown command 'chek' (Did you mean check?)"],
  ])('%j is told what is wrong with it in one line', async (words, expected) => {
    const finished = await place().tollgate(words);
    expect(problemsOf(finished, 64)).toEqual([expect.stringContaining(expected)]);
    expect(finished.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('under an older Node says so in one line', async ({ skip }) => {
    const older = olderNode();
    if (older === undefined) skip('this machine has no Node older than 24 beside the pinned one');
    const finished = await place().tollgate(['serve'], { node: older as string });
    expect(problemsOf(finished, 69)).toEqual([
      expect.stringMatching(/^tollgate: needs Node 24 or newer, and this is v/),
    ]);
  });
});

/** A Node of this machine that is too old for us, if there is one. */
function olderNode(): string | undefined {
  const found = (process.env['PATH'] ?? '').split(':').map((folder) => join(folder, 'node'));
  return ['/usr/local/bin/node', ...found]
    .filter((path) => existsSync(path))
    .find((path) => {
      const [major] = execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' }).split('.');
      return Number(major) < 24;
    });
}

describe('beside a running gateway', () => {
  let gateway: RunningGateway;
  const folder = temporaryFolder();
  beforeAll(async () => {
    gateway = await startGateway(policyOf(recordingServer(folder).yaml), { folder });
  });
  afterAll(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a second one on its home is refused, and the first goes on', async () => {
    expect(problemsOf(await gateway.command('serve', '--port', '0', '--policy', gateway.policy), 69)).toEqual([
      `tollgate: Tollgate runs already in ${gateway.home.folder}`,
    ]);
    expect((await fetch(gateway.url)).status).toBe(405);
  });

  test.each([
    [['approve', 'h_none'], 'there is no hold h_none; tollgate holds lists those that wait'],
    [['deny', 'h_none', '--because', 'no'], 'there is no hold h_none'],
    [['trace', 's_none'], 'there is no session s_none; tollgate sessions lists them'],
    [['session', 'pause', 's_none', '--because', 'no'], 'There is no session s_none'],
  ])('%j finds nothing, and says so', async (words, expected) => {
    expect(problemsOf(await gateway.command(...words), 1)).toEqual([expect.stringContaining(expected)]);
  });

  test("a stranger's terminal codes in an id are shown, not obeyed", async () => {
    const { stderr } = await gateway.command('trace', '\u001b[2Js');
    expect(stderr).toContain('\\u{1b}[2Js');
  });

  test('a shim with a bad policy says what is wrong with it, and the gateway goes on', async () => {
    const { file } = place();
    const policy = file(
      'bad.yaml',
      policyOf('{ command: [node, x.js], enw: {} }').replace('profile: test', 'profile: b'),
    );
    expect(problemsOf(await gateway.command('stdio', '--policy', policy), 78)).toEqual([
      expect.stringContaining(`${policy}:4:44: unknown key "enw"`),
    ]);
    expect((await fetch(gateway.url)).status).toBe(405);
  });

  test('a shim whose server is not there says so', async () => {
    const { file } = place();
    const policy = file(
      'gone.yaml',
      policyOf('{ command: [no-such-program] }').replaceAll('rough', 'gone').replace('test', 'g'),
    );
    expect(problemsOf(await gateway.command('stdio', '--policy', policy), 69)).toEqual([
      'tollgate: gone: cannot start no-such-program: there is no program no-such-program',
    ]);
  });
});
