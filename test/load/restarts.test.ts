import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newId } from '../../src/cli/ids.ts';
import { defaultConfig } from '../../src/config.ts';
import { type Gateway, openGateway } from '../../src/gateway.ts';
import { homeOf } from '../../src/home.ts';
import { isAlive, until } from '../support/downstream.ts';
import { environmentOf, temporaryFolder } from '../support/gateway.ts';
import { modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';

const PROGRAM = join(import.meta.dirname, 'servers', 'many-tools.ts');
const TOOLS = Array.from({ length: 24 }, (_, index) => `t${String(index + 1).padStart(2, '0')}`);
const RESTARTS = 12;
const CALLERS = 24;

const DESCRIPTORS = '/proc/self/fd';

/** Processes, pipes and timers that keep this process alive, by kind; and where the system tells, all open sockets. */
function held(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  if (!existsSync(DESCRIPTORS)) return counts;
  return { ...counts, sockets: readdirSync(DESCRIPTORS).filter(isSocket).length };
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(join(DESCRIPTORS, descriptor)).startsWith('socket:');
  } catch {
    // Closed while it was listed: the listing's own, for one.
    return false;
  }
}

interface Called {
  readonly mark: string;
  readonly pid: number;
}

/** The tools of a server, and how it is restarted. */
interface Restartable {
  /** In YAML's flow style. */
  readonly yaml: string;
  readonly record: string;
  restart(): Promise<void>;
  end(): void;
}

function stdioServer(folder: string, era: string): Restartable {
  const record = join(folder, 'record.jsonl');
  return {
    record,
    yaml: JSON.stringify({ command: ['node', PROGRAM, era], env: { RECORD: record } }),
    restart: async () => {
      const pid = callsIn(record).at(-1)?.pid;
      if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
    },
    end: () => undefined,
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

async function httpServer(folder: string, era: string): Promise<Restartable> {
  const record = join(folder, 'record.jsonl');
  const port = await freePort();
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(process.execPath, [PROGRAM, era], {
      env: { ...process.env, PORT: String(port), RECORD: record },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = started;
    await once(started.stdout, 'data');
  };
  await start();
  return {
    record,
    yaml: JSON.stringify({ url: `http://127.0.0.1:${port}/mcp` }),
    restart: async () => {
      if (child === undefined) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await start();
    },
    end: () => void child?.kill('SIGKILL'),
  };
}

const callsIn = (record: string): readonly Called[] =>
  existsSync(record)
    ? readFileSync(record, 'utf8')
        .split('\n')
        .filter((line) => line.endsWith('}'))
        .map((line) => JSON.parse(line) as Called)
    : [];

async function open(folder: string, server: Restartable): Promise<Gateway> {
  const policy = join(folder, 'policy.yaml');
  const tools = TOOLS.map((tool) => `  many.${tool}: { effect: write }`).join('\n');
  writeFileSync(
    policy,
    `version: 1\nprofile: many\nwho: local\nservers: { many: ${server.yaml} }\ntools:\n${tools}\nbudgets: { session: { calls: 1000000 } }\n`,
  );
  const opened = await openGateway({
    home: homeOf(environmentOf(folder)),
    config: { ...defaultConfig(), listen: { host: '127.0.0.1', port: 0 } },
    policies: [policy],
    anonymous: true,
    user: 'ada',
    version: '0',
    now: Date.now,
    newId,
    report: () => undefined,
  });
  if (!opened.ok) throw new Error(opened.error.problems.join('\n'));
  return opened.value;
}

/** What an agent is told when a call is not simply answered: honest, and never the answer of another. */
const HONEST = /^(UNKNOWN: |UNAVAILABLE, NOT DONE: |NOT DONE: nothing was sent: )/;

describe.each([
  ['legacy', 'stdio'],
  ['modern', 'stdio'],
  ['legacy', 'http'],
  ['modern', 'http'],
])('a 24-tool %s server over %s, restarted in a loop under load', (era, transport) => {
  test('no answer is lost but with an honest error, nothing runs twice, nothing is left behind', async () => {
    const folder = temporaryFolder();
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const server = transport === 'stdio' ? stdioServer(folder, era) : await httpServer(folder, era);
    onTestFinished(() => server.end());
    const before = held();
    const gateway = await open(folder, server);
    const answers = new Map<string, string>();
    let over = false;
    let count = 0;
    let served = 0;
    const call = async (): Promise<void> => {
      const mark = `m${++count}`;
      const message = modernRequest('tools/call', {
        name: `many__${TOOLS[count % TOOLS.length]}`,
        arguments: { mark },
        _meta: { progressToken: 'the same' },
      });
      answers.set(mark, 'lost');
      const answered = await post({ url: gateway.url, token: undefined }, message, modernHeaders(message));
      const said = textOf(answered);
      answers.set(mark, said);
      if (!HONEST.test(said)) served++;
    };
    const callers = Array.from({ length: CALLERS }, async () => {
      while (!over) await call();
    });
    for (let restarts = 0; restarts < RESTARTS; restarts++) {
      const before = served;
      await until(() => served >= before + CALLERS * 2);
      await server.restart();
    }
    over = true;
    await Promise.all(callers);
    // Whatever happened to it, it serves again.
    await call();
    expect(answers.get(`m${count}`)).toContain(`"mark":"m${count}"`);

    const wrong = [...answers].filter(([mark, said]) => !HONEST.test(said) && !said.startsWith(`{"mark":"${mark}"`));
    expect(wrong).toEqual([]);
    const ran = callsIn(server.record).map(({ mark }) => mark);
    expect(new Set(ran).size).toBe(ran.length);
    const done = new Set(ran);
    const lies = [...answers].filter(([mark, said]) => said.includes('NOT DONE') && done.has(mark));
    expect(lies).toEqual([]);
    // It was killed in the middle of calls.
    expect([...answers.values()].some((said) => said.startsWith('UNKNOWN'))).toBe(true);
    expect(served).toBeGreaterThan(RESTARTS * CALLERS * 2);
    expect(new Set(callsIn(server.record).map(({ pid }) => pid)).size).toBeGreaterThan(2);

    await gateway.close();
    if (transport === 'stdio') {
      const alive = new Set(
        callsIn(server.record)
          .map(({ pid }) => pid)
          .filter(isAlive),
      );
      expect([...alive]).toEqual([]);
    }
    // The server still runs: what connects to it would still be there.
    await until(() => Object.entries(held()).every(([kind, number]) => number <= (before[kind] ?? 0)));
  });
});
