/**
 * An agent that runs as another user of the machine, with a shell, Tollgate's own program, the passphrase of a person, the console's
 * address, the agent's token and, beside a guess, a stolen cookie: it approves nothing.
 */
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as pseudoTerminal from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/domain/ports.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, run, startGateway, temporaryFolder } from '../support/gateway.ts';
import { browserOf } from '../support/people.ts';
import { enrolPerson, visit } from '../support/person.ts';
import { legacyCall, post } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const REPOSITORY = join(import.meta.dirname, '../..');
const MODULES = realpathSync(join(REPOSITORY, 'node_modules'));
const NODE = realpathSync(process.execPath);
/** Of `nobody`, on every Unix. */
const OTHER = { uid: 65534, gid: 65534 };
const PASSPHRASE = 'correct horse';
const SLOW = 120_000;

/** Why it cannot be played here; undefined where it can. */
const noOther: string | undefined =
  process.getuid?.() !== 0
    ? 'only root can play another user'
    : spawnSync(NODE, ['--version'], { ...OTHER, cwd: '/' }).status === 0
      ? undefined
      : 'another user cannot run node here';

const about = `another user of the machine${noOther === undefined ? '' : ` (skipped: ${noOther})`}`;
describe.skipIf(noOther !== undefined)(about, () => {
  const [folder, own] = [temporaryFolder(), temporaryFolder()];
  const program = join(own, 'src/cli/tollgate.mjs');
  let server: RecordingServer;
  let gateway: RunningGateway;
  let ledger: Ledger;
  let hold: string;

  beforeAll(async () => {
    // So that nothing but what Tollgate itself closes is in the way.
    for (const one of [folder, own]) chmodSync(one, 0o755);
    cpSync(join(REPOSITORY, 'src'), join(own, 'src'), { recursive: true });
    cpSync(join(REPOSITORY, 'package.json'), join(own, 'package.json'));
    cpSync(join(import.meta.dirname, 'support/attempts.ts'), join(own, 'attempts.ts'));
    symlinkSync(MODULES, join(own, 'node_modules'));
    chownSync(own, OTHER.uid, OTHER.gid);
    const home = homeOf(environmentOf(folder));
    mkdirSync(folder, { recursive: true });
    await enrolPerson(home, userInfo().username);
    server = recordingServer(folder);
    gateway = await startGateway(
      `version: 1\nprofile: p\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { approval: {} } }\n`,
      { folder },
    );
    ledger = await visit(home);
    // Nobody waits for its answer: the agent is gone, and the hold stays.
    const gone = new AbortController();
    const waiting = post(gateway, legacyCall('rough__rough', { do: 'echo' }), {}, gone.signal).catch(() => undefined);
    await until(async () => (await ledger.holds({ open: true }, Date.now())).length === 1);
    gone.abort();
    await waiting;
    hold = (await ledger.holds({ open: true }, Date.now()))[0]?.id ?? '';
  }, SLOW);
  afterAll(async () => {
    await ledger?.close();
    await gateway?.stop();
    for (const one of [folder, own]) rmSync(one, { recursive: true, force: true });
  });

  const env = (): Readonly<Record<string, string>> => ({
    PATH: '/usr/bin:/bin',
    HOME: own,
    NO_COLOR: '1',
    TOLLGATE_HOME: gateway.home.folder,
    TOLLGATE_PASSPHRASE: PASSPHRASE,
    PASSPHRASE,
  });

  async function nothingHappened(): Promise<void> {
    expect((await ledger.holds({ open: true }, Date.now())).map(({ id }) => id)).toEqual([hold]);
    const [session] = await ledger.sessions(Date.now());
    const journal = await ledger.journal(session?.session.id ?? '');
    expect(journal.filter(({ kind }) => kind === 'decided' || kind === 'intent')).toEqual([]);
    expect(server.calls()).toEqual([]);
    expect(await ledger.verify()).toEqual([]);
  }

  const GETS_AT_NOTHING =
    'gets at no file, no socket and no process, and the API takes neither its token nor its cookie';
  test.each([
    ['as the gateway made its folder', 0o700, 'EACCES'],
    ['in a folder that somebody opened', 0o755, 'ENOENT'],
  ])(`${GETS_AT_NOTHING} (%s)`, async (_, mode, log) => {
    chmodSync(gateway.home.folder, mode);
    const { stdout } = await gateway.command('open');
    const origin = `http://127.0.0.1:${gateway.port}`;
    const browser = browserOf({ gateway, origin });
    await browser.get(new URL(stdout.trim()).pathname);
    const known = {
      ...{ folder: gateway.home.folder, ledger: gateway.home.ledger, socket: gateway.home.socket },
      ...{ pid: gateway.pid, origin, hold, mcpToken: gateway.token, passphrase: PASSPHRASE },
      cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
      csrf: await browser.csrf(),
    };
    expect(known.cookie).not.toBe('');
    const made = await promisify(execFile)(NODE, [join(own, 'attempts.ts'), JSON.stringify(known)], {
      ...OTHER,
      cwd: own,
      env: env(),
    });
    const lines = made.stdout.trim().split('\n');
    expect(Object.fromEntries(lines.map((line) => JSON.parse(line) as [string, string]))).toEqual({
      'read the ledger': 'EACCES',
      'write the ledger': 'EACCES',
      'approve in the ledger': 'unable to open database file',
      'put a ledger of its own in its place': 'EACCES',
      'read the token of the API': 'EACCES',
      'read the log': log,
      'read the keys': 'EACCES',
      'read who may approve': 'EACCES',
      'enrol itself': 'EACCES',
      'connect to the socket': 'EACCES',
      'read the environment of the gateway': 'EACCES',
      'read the memory of the gateway': 'EACCES',
      'open the debugger of the gateway': 'EPERM',
      'approve without a token': '401 unauthenticated',
      "approve with the agent's token": '401 unauthenticated',
      'approve with a guessed token': '401 unauthenticated',
      'approve with a stolen cookie': '403 csrf',
      'approve with a stolen cookie, and what its page knows': '403 wrong_passphrase',
    });
    chmodSync(gateway.home.folder, 0o700);
    await nothingHappened();
  });

  test.each([
    ['approve', []],
    ['deny', ['--because', 'x']],
    ['holds', []],
  ] as const)(
    'gets nowhere with the command line (%s), at a terminal and with the passphrase',
    async (command, more) => {
      const words = command === 'holds' ? [command] : [command, hold, ...more];
      const { promise, resolve } = Promise.withResolvers<{ screen: string; code: number }>();
      const terminal = pseudoTerminal.spawn(NODE, [program, ...words], { ...OTHER, cwd: own, env: env() });
      let screen = '';
      terminal.onData((shown) => {
        screen += shown;
        if (/passphrase[^\n]*: $/i.test(screen)) terminal.write(`${PASSPHRASE}\r`);
      });
      terminal.onExit(({ exitCode }) => resolve({ screen, code: exitCode }));
      const sat = await promise;
      expect(sat.code).not.toBe(0);
      expect(sat.screen).toContain(`there is no ledger in ${gateway.home.folder}`);
      await nothingHappened();
    },
    SLOW,
  );

  test('nor does the user of the gateway without a terminal: by pipe, by environment or by argument', async () => {
    const typed = { ...gateway.environment, TOLLGATE_PASSPHRASE: PASSPHRASE, PASSPHRASE };
    for (const [words, input] of [
      [['approve', hold], `${PASSPHRASE}\n`],
      [['approve', hold], ''],
      [['approve', hold, '--passphrase', PASSPHRASE], ''],
      [['approve', hold, PASSPHRASE], ''],
    ] as const) {
      const { code, stdout } = await run(words, typed, { input });
      expect([words, code]).not.toEqual([words, 0]);
      expect(stdout).not.toContain('Approved');
    }
    await nothingHappened();
  });
});
