/** A gateway as people run it: a process of its own, on a home and a policy that the test gives it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Home, homeOf } from '../../src/home.ts';
import { putOut, putOutFiles, putOutProcesses } from './canaries.ts';
import { isAlive, until } from './downstream.ts';

export const TOLLGATE = fileURLToPath(import.meta.resolve('../../src/cli/tollgate.mjs'));

/** How a command ended. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningGateway {
  /** `http://127.0.0.1:PORT/mcp`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Undefined where the gateway asks for none. */
  readonly token: string | undefined;
  readonly home: Home;
  readonly policy: string;
  /** The environment in which every command finds this gateway. */
  readonly environment: NodeJS.ProcessEnv;
  /** What it has reported so far, a line each, and what it wrote to standard error. */
  readonly reports: readonly string[];
  /** Runs `tollgate` with these words, on the same home. */
  command(...words: readonly string[]): Promise<Finished>;
  /** Asks it to end, as Ctrl-C does, and waits. */
  stop(): Promise<void>;
  /** Ends it as a power cut would, and waits. */
  kill(): Promise<void>;
}

export interface GatewayOptions {
  /** An earlier gateway's folder, to go on where it stopped. */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'tollgate-'));

/** An environment that says nothing of other gateways and collectors than these. */
export function environmentOf(folder: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|TOLLGATE|VITEST|NODE)_/.test(name));
  return { ...Object.fromEntries(inherited), NO_COLOR: '1', TOLLGATE_HOME: join(folder, 'home'), ...more };
}

/** A gateway under this policy (its YAML text), ready when this resolves. Its home and policy lie in a folder of its own. */
export async function startGateway(policy: string, options: GatewayOptions = {}): Promise<RunningGateway> {
  const folder = options.folder ?? temporaryFolder();
  const file = join(folder, 'policy.yaml');
  writeFileSync(file, policy);
  const environment = environmentOf(folder, options.environment);
  const words = ['serve', '--policy', file, '--port', '0', '--json', ...(options.words ?? [])];
  const child = spawn(process.execPath, [TOLLGATE, ...words], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const reports: string[] = [];
  const listening = await heard(child, reports);
  const home = homeOf(environment);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (child.pid !== undefined) putOutProcesses(child.pid);
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    putOutFiles(home.folder);
  };
  return {
    url: listening.url,
    port: Number(new URL(listening.url).port),
    pid: child.pid ?? 0,
    token: listening.token_file === undefined ? undefined : readFileSync(listening.token_file, 'utf8'),
    home,
    policy: file,
    environment,
    reports,
    command: (...args) => run(args, environment),
    stop: async () => {
      await end('SIGTERM');
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
  };
}

interface Listening {
  readonly url: string;
  readonly token_file?: string;
}

/** The gateway's own word that it listens. Rejects with all it said when it ends before. */
function heard(child: ChildProcess, reports: string[]): Promise<Listening> {
  const { promise, resolve, reject } = Promise.withResolvers<Listening>();
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('the gateway has no output to read');
  createInterface({ input: stderr }).on('line', (line) => {
    putOut('stderr of a gateway', line);
    reports.push(line);
  });
  createInterface({ input: stdout }).on('line', (line) => {
    putOut('stdout of a gateway', line);
    const event = JSON.parse(line) as { event: string; line?: string } & Listening;
    if (event.event === 'listening') resolve(event);
    else reports.push(event.line ?? line);
  });
  child.once('close', (code) => reject(new Error(`the gateway ended (exit code ${code}):\n${reports.join('\n')}`)));
  return promise;
}

export interface RunOptions {
  /** What stands on standard input; nothing by default. */
  readonly input?: string;
  readonly node?: string;
  readonly cwd?: string;
}

/** Runs `tollgate` with these words to its end, without a terminal. */
export async function run(
  words: readonly string[],
  environment: NodeJS.ProcessEnv,
  options: RunOptions = {},
): Promise<Finished> {
  const child = spawn(options.node ?? process.execPath, [TOLLGATE, ...words], {
    env: environment,
    cwd: options.cwd,
    // A session of its own, so that it has no controlling terminal to ask at.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece;
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    stderr += piece;
  });
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  putOut(`tollgate ${words.join(' ')}`, `${stdout}${stderr}`);
  return { code, stdout, stderr };
}

/** Ends the gateway that a shim started on this home, if one did, by the id that it wrote to its log. */
export async function endStarted(home: Home): Promise<void> {
  const pids = existsSync(home.log) ? readFileSync(home.log, 'utf8').matchAll(/^\s*process +(\d+)/gm) : [];
  for (const [, pid] of pids) {
    if (!isAlive(Number(pid))) continue;
    process.kill(Number(pid), 'SIGTERM');
    await until(() => !isAlive(Number(pid)));
  }
}
