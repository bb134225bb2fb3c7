import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import * as pseudoTerminal from '@lydell/node-pty';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import { canonical, type JsonObject } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { decisionOf, held, KEY, placingOf, writeOf } from '../contract/ledger-bench.ts';
import { type RunningGateway, startGateway, TOLLGATE, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { recordingServer } from '../support/recording-server.ts';
import { policyOf } from './place.ts';

const PASSPHRASE = 'correct horse battery';
const WAIT = { timeout: 30_000, interval: 20 };
const BELL = '\u0007';
const [UP, DOWN] = ['\u001b[A', '\u001bOB'];

const folder = temporaryFolder();
let gateway: RunningGateway;
let ledger: Ledger;
beforeAll(async () => {
  gateway = await startGateway(policyOf(recordingServer(folder).yaml));
  ledger = await visit(gateway.home);
}, 60_000);
afterAll(async () => {
  await ledger.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function placed(target: string, effective: JsonObject = {}): Promise<Hold> {
  const entered = await ledger.enter({ ...KEY, folder: `/${randomBytes(4).toString('hex')}` }, Date.now());
  if (!entered.ok) throw new Error('no session');
  const given = { target, canonical: canonical(effective), digest: randomBytes(8).toString('hex'), at: Date.now() };
  return held(ledger, placingOf(writeOf(entered.value.session.id, given)));
}

const answered = (hold: Hold, verdict: 'approve' | 'deny') =>
  ledger.decide(hold.id, decisionOf(verdict, { at: Date.now(), because: 'no' }));

interface Terminal {
  /** Everything that was written to it. */
  screen(): string;
  type(keys: string): void;
  /** Resolves when this has been written since it was last called, and answers what came with it. */
  shows(text: string): Promise<string>;
  readonly exit: Promise<number>;
}

function watchedAt(rows = 30): Terminal {
  const terminal = pseudoTerminal.spawn(process.execPath, [TOLLGATE, 'holds', '--watch'], {
    env: gateway.environment,
    cols: 120,
    rows,
  });
  let screen = '';
  let read = 0;
  terminal.onData((shown) => {
    screen += shown;
  });
  const exit = new Promise<number>((resolve) => terminal.onExit(({ exitCode }) => resolve(exitCode)));
  onTestFinished(async () => {
    terminal.kill();
    await exit;
  });
  return {
    screen: () => screen,
    type: (keys) => terminal.write(keys),
    shows: async (text) => {
      await vi.waitFor(() => expect(screen.slice(read)).toContain(text), WAIT);
      const from = read;
      read = screen.indexOf(text, read) + text.length;
      return screen.slice(from, read);
    },
    exit,
  };
}

describe('at a terminal', () => {
  test('what waits is listed live, with a bell for a new one, and answered with a passphrase; q leaves the screen as it was', async () => {
    const first = await placed('outbox.first', { to: 'ada\u202e', big: 'x'.repeat(300) });
    const terminal = watchedAt();
    const drawn = await terminal.shows('1 call waits for a person');
    expect(drawn).not.toContain(BELL);
    await terminal.shows(first.id);
    await terminal.shows('to: "ada\\u{202e}"');

    const second = await placed('outbox.second');
    expect(await terminal.shows('2 calls wait')).toContain(BELL);
    terminal.type(DOWN);
    terminal.type(UP);
    terminal.type('jk');
    await terminal.shows(second.id);
    await terminal.shows('outbox.second  write');

    terminal.type('d');
    await terminal.shows('Why, for the agent: ');
    terminal.type('Not today.\r');
    await terminal.shows('New passphrase: ');
    terminal.type(`${PASSPHRASE}\r`);
    await terminal.shows('Once more: ');
    terminal.type(`${PASSPHRASE}\r`);
    await terminal.shows(`${second.id} is denied.`);
    expect(await ledger.hold(second.id, Date.now())).toMatchObject({
      state: 'denied',
      decisions: [{ because: 'Not today.' }],
    });
    await terminal.shows('1 call waits');

    terminal.type('a');
    await terminal.shows('Passphrase to approve: ');
    terminal.type('wrong\r');
    await terminal.shows('1 call waits');
    expect(await ledger.hold(first.id, Date.now())).toMatchObject({ state: 'open' });
    terminal.type('a');
    await terminal.shows('Passphrase to approve: ');
    terminal.type(`${PASSPHRASE}\r`);
    await terminal.shows(`${first.id} is approved.`);
    expect(await ledger.hold(first.id, Date.now())).toMatchObject({ state: 'approved' });
    await terminal.shows('No call waits for a person.');

    terminal.type('q');
    expect(await terminal.exit).toBe(0);
    expect(terminal.screen().endsWith('\u001b[?7h\u001b[?25h\u001b[?1049l')).toBe(true);
    expect(terminal.screen()).not.toContain(PASSPHRASE);
  }, 120_000);

  test('a reason that is cancelled answers nothing, and what others answer goes from the list', async () => {
    const hold = await placed('outbox.third');
    const terminal = watchedAt(8);
    await terminal.shows('1 call waits');
    terminal.type('d');
    await terminal.shows('Why, for the agent: ');
    terminal.type('\u0003');
    await terminal.shows('Cancelled.');
    expect(await ledger.hold(hold.id, Date.now())).toMatchObject({ state: 'open' });
    await answered(hold, 'deny');
    await terminal.shows('No call waits');
    terminal.type('\u0003');
    expect(await terminal.exit).toBe(0);
  }, 60_000);
});

describe('without a terminal', () => {
  function started(...words: readonly string[]): { readonly lines: readonly string[]; readonly child: ChildProcess } {
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const child = spawn(process.execPath, [TOLLGATE, 'holds', '--watch', ...words], {
      env: gateway.environment,
      stdio: [...stdio],
    });
    const lines: string[] = [];
    onTestFinished(() => void child.kill('SIGKILL'));
    if (child.stdout === null) throw new Error('it has no output to read');
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    return { lines, child };
  }

  test('each that comes or goes is a line, with nothing hidden in it, until it is told to end', async () => {
    const hold = await placed('outbox.fourth', { to: 'ada\u202e\u001b[2J' });
    const { lines, child } = started();
    await vi.waitFor(() => expect(lines).toHaveLength(1), WAIT);
    await answered(hold, 'deny');
    await vi.waitFor(() => expect(lines).toHaveLength(2), WAIT);
    expect(lines).toEqual([
      `waits ${hold.id} outbox.fourth {"to":"ada\\u{202e}\\u001b[2J"}`,
      `denied ${hold.id} outbox.fourth by grace`,
    ]);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 60_000);

  test('as JSON each is one object a line', async () => {
    const { lines, child } = started('--json');
    const hold = await placed('outbox.fifth');
    await vi.waitFor(() => expect(lines).toHaveLength(1), WAIT);
    await answered(hold, 'approve');
    await vi.waitFor(() => expect(lines).toHaveLength(2), WAIT);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { event: 'waits', hold: { id: hold.id, target: 'outbox.fifth' } },
      { event: 'approved', hold: { id: hold.id } },
    ]);
    child.kill('SIGINT');
    await once(child, 'exit');
  }, 60_000);
});
