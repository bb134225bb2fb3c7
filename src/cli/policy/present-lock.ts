/** What the servers of a policy say now, as a lock: shows what it starts and contacts, asks, connects. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Config } from '../../config.ts';
import { type Problem, problemText } from '../../document/document.ts';
import { packageText } from '../../document/package-name.ts';
import type { PolicyTexts } from '../../domain/acceptance.ts';
import type { Lock, LockedPackage } from '../../domain/lock.ts';
import type { ServerAddress } from '../../domain/policy.ts';
import { printable } from '../../domain/printable.ts';
import type { Result } from '../../domain/result.ts';
import { openDownstream } from '../../downstream/downstream.ts';
import { homeOf } from '../../home.ts';
import { openCredentials, ownCredentials } from '../../identity/credentials/open-credentials.ts';
import { openSecrets } from '../../identity/secrets/read-secret.ts';
import { openOutgoing } from '../../outgoing/outgoing.ts';
import { startedAs } from '../../packages/startable.ts';
import { packagesWanted } from '../../packages/wanted.ts';
import { realFile } from '../../policy/book.ts';
import { readTexts } from '../../policy/file/include.ts';
import { lockFileOf, readLock } from '../../policy/lock/read-lock.ts';
import { serversToPin, type ToPin } from '../../policy/lock/servers-to-pin.ts';
import { proposeLock, type ToPropose } from '../../stages/propose-lock.ts';
import { SessionFolders } from '../../store/session-folders.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';
import { colours } from '../terminal.ts';

/** What the commands that start servers are told. */
export interface PinOptions {
  readonly config: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** A policy's servers, and the lock that holds them where there is one. */
export interface Pinned {
  readonly policy: string;
  /** The policy, with all that it includes, as it is on disk. */
  readonly texts: PolicyTexts;
  /** Where the policy's own lock stands, or will. */
  readonly lockFile: string;
  readonly toPin: ToPin;
  /** Its own, or that of the nearest policy it includes which has one. */
  readonly lock: Lock | undefined;
  /** What the deployment says of where the gateway goes. */
  readonly outgoing: Config['outgoing'];
}

/** `config` names the deployment. Ends the command with every problem of the files. */
export function readPinned(file: string, config: string | undefined): Pinned {
  const policy = realFile(resolve(file));
  const texts = orExit(readTexts(policy));
  const { servers, outgoing } = deploymentOf(config);
  const toPin = orExit(serversToPin(texts, servers));
  const lock = texts.lock === undefined ? undefined : orExit(readLock(texts.lock));
  return { policy, texts, lockFile: lockFileOf(policy), toPin, lock, outgoing };
}

function orExit<T>(result: Result<T, readonly Problem[]>): T {
  if (result.ok) return result.value;
  throw new Exit(EXIT.config, result.error.map(problemText));
}

/**
 * Starts and contacts the servers. What a person accepted before is not asked about: the same command, package or URL as in the
 * lock. Else, and of servers of the deployment, somebody must say yes at a terminal, or have said `--yes`.
 */
export async function presentLock({ toPin, lock, outgoing: allowed }: Pinned, isAgreed: boolean): Promise<Lock> {
  const started = withPrograms({ ...toPin, lock });
  const unaccepted = [...toPin.servers.keys()].filter((server) => {
    const reached = toPin.reached.get(server);
    return reached === undefined || lock?.servers.get(server)?.reached !== reached;
  });
  for (const [server, address] of started.servers)
    process.stderr.write(`${printable(`${server}: ${reachWords(address)}`)}\n`);
  if (unaccepted.length > 0 && !isAgreed) await agree();
  const log: string[] = [];
  const rooms = mkdtempSync(join(tmpdir(), 'tollgate-pin-'));
  const isWritten = (origin: string) => allowed.written.has(origin);
  const outgoing = openOutgoing({ private: allowed.private, isWritten });
  const readSecret = openSecrets({ environment: process.env, platform: process.platform });
  const credentials = openCredentials({
    servers: started.servers,
    outgoing,
    readSecret,
    now: Date.now,
    report: (line) => void log.push(line),
  });
  const downstream = openDownstream({
    servers: started.servers,
    connectTo: outgoing.toServer,
    readSecret,
    own: ownCredentials(credentials),
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
    const proposed = await proposeLock(started, downstream, Date.now, (line) => void log.push(line));
    for (const line of log) process.stderr.write(`${colours.dim(printable(line))}\n`);
    if (proposed.ok) return proposed.value;
    throw new Exit(EXIT.unavailable, [printable(`${proposed.error.server}: ${proposed.error.why}`)]);
  } finally {
    await downstream.close();
    await outgoing.close();
    rmSync(rooms, { recursive: true, force: true });
  }
}

/** The servers with the programs of their packages, which must be there: pinning fetches nothing. */
function withPrograms({ file, servers, reached, lock }: ToPin & Pick<Pinned, 'lock'>): ToPropose {
  const folder = homeOf(process.env).packages;
  const started = new Map<string, ServerAddress>(servers);
  const packages = new Map<string, LockedPackage>();
  const problems: string[] = [];
  for (const { server, wanted, installed } of packagesWanted({ file, servers, lock }, folder)) {
    const address = servers.get(server);
    if (address?.kind !== 'stdio') continue;
    const run = installed === undefined ? undefined : startedAs(address, installed, folder, file);
    if (installed === undefined || run?.ok !== true) {
      problems.push(`${server}: ${packageText(wanted)} is not installed: tollgate policy install ${file}`);
      continue;
    }
    packages.set(server, installed);
    started.set(server, run.value);
  }
  if (problems.length > 0) throw new Exit(EXIT.unavailable, problems);
  return { file, servers: started, reached, packages };
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
