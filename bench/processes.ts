/** Starting, asking, weighing and ending the programs of the bench. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** How long a program may take to start, to answer and to end. Milliseconds. */
const START_WITHIN = 30_000;
const END_WITHIN = 5_000;

export interface Program {
  readonly pid: number;
  readonly url: string;
}

const listening = z.object({ url: z.url() });
const tollgateListening = listening.extend({ event: z.literal('listening'), token_file: z.string() });

/** One of the bench's own servers, in `bench/NAME.ts`, with the process to send messages to. */
export async function startServer(
  ended: AsyncDisposableStack,
  name: string,
  ...given: readonly string[]
): Promise<Program & { readonly child: ChildProcess }> {
  const child = startProgram(ended, name, ...given);
  const { url } = listening.parse(await firstOf(child, name, (tell) => child.once('message', tell)));
  return { pid: child.pid ?? 0, url, child };
}

/** A program in `bench/NAME.ts`, ended with `ended`. */
export function startProgram(ended: AsyncDisposableStack, name: string, ...given: readonly string[]): ChildProcess {
  const child = fork(new URL(`./${name}.ts`, import.meta.url), given);
  ended.defer(() => end(child));
  return child;
}

/** Tollgate itself, with a home of its own, exporting its spans to `otlp`. */
export async function startTollgate(
  ended: AsyncDisposableStack,
  policy: string,
  home: string,
  otlp: string,
  words: readonly string[] = [],
): Promise<Program & { readonly token: string }> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL|TOLLGATE)_/.test(name));
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(import.meta.resolve('../src/cli/tollgate.mjs')),
      'serve',
      '--policy',
      policy,
      '--port',
      '0',
      '--json',
      ...words,
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...Object.fromEntries(inherited),
        TOLLGATE_HOME: home,
        OTEL_EXPORTER_OTLP_ENDPOINT: otlp,
        // Exported within the turn that made them, so that their cost is counted there and not in another route's turn.
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
    },
  );
  ended.defer(() => end(child));
  const { url, token_file } = await firstOf<z.infer<typeof tollgateListening>>(child, 'tollgate', (tell) => {
    createInterface(child.stdout).on('line', (line) => {
      const event = tollgateListening.safeParse(JSON.parse(line));
      if (event.success) tell(event.data);
      else process.stderr.write(`tollgate: ${line}\n`);
    });
  });
  return { pid: child.pid ?? 0, url, token: readFileSync(token_file, 'utf8').trim() };
}

/** Sends a message and waits for the answer, at most `within` milliseconds. */
export function ask(child: ChildProcess, message: object, within: number): Promise<unknown> {
  return firstOf(
    child,
    'a program of the bench',
    (tell) => {
      child.once('message', tell);
      child.send(message);
    },
    within,
  );
}

/** Microseconds of processor time, user and system, that a process has used: in steps of 10,000. Linux only. */
export function processorTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is a name that may hold blanks and brackets. Fields 14 and 15 count ticks: 100 a second everywhere.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** What `listen` tells first. Rejects when the process ends before or takes too long. */
async function firstOf<T = unknown>(
  child: ChildProcess,
  name: string,
  listen: (tell: (value: T) => void) => void,
  within = START_WITHIN,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const gone = (code: number | null): void => reject(new Error(`${name} ended too early (exit code ${code})`));
  const late = setTimeout(() => reject(new Error(`${name} said nothing for ${within / 1000} s`)), within);
  child.once('exit', gone).once('error', reject);
  listen(resolve);
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    child.off('exit', gone).off('error', reject);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  const killer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN);
  child.kill('SIGTERM');
  await gone;
  clearTimeout(killer);
}
