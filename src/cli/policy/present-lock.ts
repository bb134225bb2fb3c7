/** What the servers of a policy say now, as a lock: shows what it starts and contacts, asks, connects. */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Problem, problemText } from '../../document/document.ts';
import { readSource, type Source } from '../../document/source.ts';
import type { Lock } from '../../domain/lock.ts';
import type { ServerAddress } from '../../domain/policy.ts';
import type { Result } from '../../domain/result.ts';
import { openDownstream } from '../../downstream/downstream.ts';
import { lockFileOf, readLock } from '../../policy/lock/read-lock.ts';
import { serversToPin, type ToPin } from '../../policy/lock/servers-to-pin.ts';
import { proposeLock } from '../../stages/propose-lock.ts';
import { SessionFolders } from '../../store/session-folders.ts';
import { EXIT, Exit } from '../exit.ts';
import { colours, printable } from '../terminal.ts';

/** A policy's servers, and the lock beside it where there is one. */
export interface Pinned {
  readonly policy: string;
  readonly lockFile: string;
  readonly toPin: ToPin;
  readonly lock: Lock | undefined;
}

/** Ends the command with every problem of the two files. */
export function readPinned(file: string): Pinned {
  const policy = realFile(resolve(file));
  const toPin = orExit(loaded(readSource(policy), serversToPin));
  const lockFile = lockFileOf(policy);
  const beside = readSource(lockFile);
  const isMissing = !beside.ok && beside.error.some(({ message }) => message === 'there is no such file');
  return { policy, lockFile, toPin, lock: isMissing ? undefined : orExit(loaded(beside, readLock)) };
}

function loaded<T>(
  source: Result<Source, readonly Problem[]>,
  read: (source: Source) => Result<T, readonly Problem[]>,
) {
  return source.ok ? read(source.value) : source;
}

function orExit<T>(result: Result<T, readonly Problem[]>): T {
  if (result.ok) return result.value;
  throw new Exit(EXIT.config, result.error.map(problemText));
}

function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

/**
 * Starts and contacts the servers. What a person accepted before is not asked about: the same command or URL as in the
 * lock. Else somebody must say yes at a terminal, or have said `--yes`.
 */
export async function presentLock({ toPin, lock }: Pinned, isAgreed: boolean): Promise<Lock> {
  const unaccepted = [...toPin.servers.keys()].filter(
    (server) =>
      lock?.servers.get(server) === undefined || lock.servers.get(server)?.reached !== toPin.reached.get(server),
  );
  for (const [server, address] of toPin.servers)
    process.stderr.write(`${printable(`${server}: ${reachWords(address)}`)}\n`);
  if (unaccepted.length > 0 && !isAgreed) await agree();
  const log: string[] = [];
  const rooms = mkdtempSync(join(tmpdir(), 'tollgate-pin-'));
  const downstream = openDownstream({
    servers: toPin.servers,
    rooms: new SessionFolders(rooms).enter,
    askable: (server) => {
      const asks = toPin.asks.get(server);
      return {
        elicitation: asks?.elicitation ?? [],
        sampling: asks?.sampling === undefined ? undefined : { tools: true },
        roots: asks?.roots === true,
        ui: undefined,
      };
    },
    now: Date.now,
    log: ({ server, text }) => void log.push(`${server}: ${text}`),
  });
  try {
    const proposed = await proposeLock(toPin, downstream, Date.now, (line) => void log.push(line));
    for (const line of log) process.stderr.write(`${colours.dim(printable(line))}\n`);
    if (proposed.ok) return proposed.value;
    throw new Exit(EXIT.unavailable, [printable(`${proposed.error.server}: ${proposed.error.why}`)]);
  } finally {
    await downstream.close();
    rmSync(rooms, { recursive: true, force: true });
  }
}

const reachWords = (address: ServerAddress): string =>
  address.kind === 'http'
    ? `contacts ${address.url}`
    : `starts ${address.command.map((word) => JSON.stringify(word)).join(' ')} in ${address.cwd}`;

async function agree(): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw new Exit(EXIT.permission, [
      'this starts and contacts the servers above; without a terminal say so with --yes',
    ]);
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question('Start and contact them? [y/N] ');
    if (!/^y(es)?$/i.test(answer.trim())) throw new Exit(EXIT.permission, ['nothing was started']);
  } finally {
    lines.close();
  }
}
