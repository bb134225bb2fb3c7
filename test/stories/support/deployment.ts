/** A deployment of its own for one story: state, policy and the servers' folders in a temporary folder, the gateway a process. */
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';

export const REPOSITORY = dirname(dirname(dirname(import.meta.dirname)));
/** The command's own file, to be run by `process.execPath`. */
export const TOLLGATE = join(REPOSITORY, 'src/cli/tollgate.mjs');

/** How long a gateway may take to leave before it is killed, in milliseconds. */
const LEAVE_WITHIN = 15_000;

const listening = z.object({ event: z.literal('listening'), url: z.url(), token_file: z.string() });

export interface Door {
  readonly url: string;
  readonly token: string;
}

/** What a command wrote, and its exit code. */
export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

export interface Deployment {
  readonly folder: string;
  /** TOLLGATE_HOME. */
  readonly home: string;
  readonly policy: string;
  /** Where the outbox delivers. */
  readonly maildir: string;
  /** For processes that are to find this deployment. */
  readonly env: Readonly<Record<string, string>>;
  /** Starts the gateway on a free port, and waits until it listens. */
  start(): Promise<Door>;
  /** SIGKILL, and waits until the process is gone. */
  kill(): Promise<void>;
  /** The real command, to its end. Standard input is empty. */
  run(...command: readonly string[]): Promise<Ran>;
  /** The messages that were delivered, as text. */
  delivered(): readonly string[];
}

/** The demo's policy over folders of its own: `${policy.dir}/..` becomes the repository, `.demo` the deployment's folder. */
const demoPolicy = (folder: string): string =>
  readFileSync(join(REPOSITORY, 'policies/demo.yaml'), 'utf8')
    .replaceAll(`\${policy.dir}/../.demo`, folder)
    .replaceAll(`\${policy.dir}/..`, REPOSITORY);

/**
 * Everything in it, processes too, ends with `ended`. `policyOf` writes the policy for the deployment's folder; `more` are
 * variables of the gateway's environment.
 */
export function deploy(
  ended: AsyncDisposableStack,
  policyOf: (folder: string) => string = demoPolicy,
  more: Readonly<Record<string, string>> = {},
): Deployment {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'tollgate-')));
  ended.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const policy = join(folder, 'policies/demo.yaml');
  const maildir = join(folder, 'outbox/new');
  for (const name of ['policies', 'workspace', 'outbox']) mkdirSync(join(folder, name));
  writeFileSync(policy, policyOf(folder));
  writeFileSync(join(folder, 'workspace/welcome.md'), 'Ada asked for the minutes. Her address is ada@example.com.\n');
  const home = join(folder, 'home');
  const env = { ...environment(home), ...more };
  let gateway: ChildProcessByStdio<null, Readable, null> | undefined;
  ended.defer(() => leave(gateway));
  return {
    folder,
    home,
    policy,
    maildir,
    env,
    run: (...command) => runCommand(env, [TOLLGATE, ...command]),
    delivered: () => readdirSync(maildir).map((name) => readFileSync(join(maildir, name), 'utf8')),
    async start() {
      gateway = spawn(process.execPath, [TOLLGATE, 'serve', '--policy', policy, '--port', '0', '--json'], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      return doorOf(gateway);
    },
    async kill() {
      if (gateway === undefined) return;
      const gone = once(gateway, 'exit');
      gateway.kill('SIGKILL');
      await gone;
    },
  };
}

/** This process's environment with a home of its own, spans going nowhere, and this very Node first in the path. */
export function environment(home: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(OTEL|TOLLGATE|VITEST)_?/.test(entry[0]),
  );
  const { PATH = '', ...rest } = Object.fromEntries(inherited);
  return { ...rest, PATH: [dirname(process.execPath), PATH].join(delimiter), TOLLGATE_HOME: home };
}

/** Runs Node with these arguments, to its end. */
export function runCommand(env: Readonly<Record<string, string>>, given: readonly string[]): Promise<Ran> {
  return new Promise((ran) => {
    const child = execFile(process.execPath, given, { env, cwd: REPOSITORY }, (error, output, errors) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      ran({ code, output, errors });
    });
    child.stdin?.end();
  });
}

async function doorOf(gateway: ChildProcessByStdio<null, Readable, null>): Promise<Door> {
  const { promise, resolve, reject } = Promise.withResolvers<Door>();
  gateway.once('exit', (code, signal) => reject(new Error(`the gateway ended before it listened: ${signal ?? code}`)));
  createInterface(gateway.stdout).on('line', (line) => {
    const event = listening.safeParse(JSON.parse(line));
    if (event.success) resolve({ url: event.data.url, token: readFileSync(event.data.token_file, 'utf8').trim() });
  });
  return promise;
}

async function leave(gateway: ChildProcessByStdio<null, Readable, null> | undefined): Promise<void> {
  if (gateway === undefined || gateway.exitCode !== null || gateway.signalCode !== null) return;
  const gone = once(gateway, 'exit');
  gateway.kill('SIGTERM');
  const late = setTimeout(() => gateway.kill('SIGKILL'), LEAVE_WITHIN);
  await gone;
  clearTimeout(late);
}
