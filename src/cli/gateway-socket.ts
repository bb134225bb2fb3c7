/** Finding the running gateway by its socket, and starting one where there is none. */
import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Home } from '../home.ts';
import type { Hello, Welcome } from '../upstream/socket.ts';
import { EXIT, Exit } from './exit.ts';

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

/** Starts a gateway that outlives this process, and waits until its socket answers. */
export async function startGateway(home: Home): Promise<void> {
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const log = openSync(home.log, 'a', 0o600);
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'tollgate.mjs'), 'serve', '--port', '0', '--until-idle'],
    {
      detached: true,
      stdio: ['ignore', log, log],
    },
  );
  child.unref();
  const deadline = Date.now() + START_WITHIN;
  while (Date.now() < deadline) {
    const socket = await reach(home.socket);
    if (socket !== undefined) {
      socket.destroy();
      return;
    }
    if (child.exitCode !== null && !(await runsElsewhere(home)))
      throw new Exit(EXIT.unavailable, ['the gateway did not start:', ...logLines(home)]);
    await pause(20);
  }
  throw new Exit(EXIT.unavailable, [
    `the gateway did not answer within ${START_WITHIN / 1000} seconds; see ${home.log}`,
  ]);
}

/** Two shims may start at once: the gateway that lost ends, and the other one is about to answer. */
const runsElsewhere = async (home: Home): Promise<boolean> =>
  logLines(home).some((line) => line.includes('runs already'));

const logLines = (home: Home): string[] => readFileSync(home.log, 'utf8').trim().split('\n').slice(-5);

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
