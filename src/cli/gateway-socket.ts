/** Finding the running gateway by its socket, and starting one where there is none. */
import { spawn } from 'node:child_process';
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from '../home.ts';
import type { Hello, Welcome } from '../upstream/socket.ts';
import { EXIT, Exit, SAYS } from './exit.ts';

/** How long a gateway may take to start, in milliseconds. */
const START_WITHIN = 60_000;

/** A connection to the gateway, greeted; undefined where no gateway runs. */
export async function greetGateway(
  home: Home,
  hello: Hello,
): Promise<{ socket: Socket; welcome: Welcome } | undefined> {
  const socket = await reach(home.socket);
  if (socket === undefined) return undefined;
  socket.write(`${JSON.stringify(hello)}\n`);
  const line = await firstLine(socket);
  if (line === undefined) return undefined;
  return { socket, welcome: JSON.parse(line) as Welcome };
}

/** Whether one answers at the socket of this home. */
export async function gatewayRuns(home: Home): Promise<boolean> {
  const socket = await reach(home.socket);
  socket?.destroy();
  return socket !== undefined;
}

/** Starts a gateway that outlives this process, and waits until its socket answers. */
export async function startGateway(home: Home): Promise<void> {
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const log = openSync(home.log, 'a', 0o600);
  const before = fstatSync(log).size;
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'tollgate.mjs'), 'serve', '--port', '0', '--until-idle'],
    {
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  child.unref();
  closeSync(log);
  const deadline = Date.now() + START_WITHIN;
  while (Date.now() < deadline) {
    const socket = await reach(home.socket);
    if (socket !== undefined) {
      socket.destroy();
      return;
    }
    if (child.exitCode !== null) {
      const said = linesSince(home, before);
      if (!runsElsewhere(said)) throw notStarted(child.exitCode, said);
    }
    await pause(20);
  }
  throw new Exit(EXIT.unavailable, [
    `the gateway did not answer within ${START_WITHIN / 1000} seconds; see ${home.log}`,
  ]);
}

/** Two shims may start at once: the gateway that lost ends, and the other one is about to answer. */
const runsElsewhere = (said: readonly string[]): boolean => said.some((line) => line.includes('runs already'));

/** What the gateway wrote to the log since it was this long. */
const linesSince = (home: Home, before: number): string[] =>
  readFileSync(home.log).subarray(before).toString('utf8').trim().split('\n');

/** The gateway's own reason and exit code. */
function notStarted(code: number, said: readonly string[]): Exit {
  const problems = said.filter((line) => line.startsWith(SAYS)).map((line) => line.slice(SAYS.length));
  return new Exit(
    code === 0 ? EXIT.unavailable : code,
    (problems.length > 0 ? problems : said.slice(-5)).map((problem) => `the gateway did not start: ${problem}`),
  );
}

const reach = (path: string): Promise<Socket | undefined> =>
  new Promise((reached) => {
    const socket = connect(path);
    socket.once('connect', () => reached(socket));
    socket.once('error', () => reached(undefined));
  });

/** The first line that arrives; what follows it stays in the socket. Undefined where the connection ends before. */
function firstLine(socket: Socket): Promise<string | undefined> {
  return new Promise((found) => {
    let text = Buffer.alloc(0);
    const onReadable = (): void => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        text = Buffer.concat([text, chunk]);
        const end = text.indexOf(10);
        if (end === -1) continue;
        socket.off('readable', onReadable);
        if (end + 1 < text.length) socket.unshift(text.subarray(end + 1));
        found(text.subarray(0, end).toString('utf8'));
        return;
      }
    };
    socket.on('readable', onReadable);
    socket.once('close', () => found(undefined));
  });
}
