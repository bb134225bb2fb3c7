/**
 * A gateway in this process, and sessions that are opened, used and ended by hundreds. Prints what there is before and after:
 * processes, descriptors, folders, bytes of heap. To be run with --expose-gc, and with the URLs of a modern and a legacy server:
 *
 *     node --expose-gc many-sessions.ts FOLDER MODERN_URL LEGACY_URL
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { newId } from '../../../src/cli/ids.ts';
import { defaultConfig } from '../../../src/config.ts';
import { openGateway } from '../../../src/gateway.ts';
import { homeOf } from '../../../src/home.ts';
import { secretKey } from '../../../src/identity/keys.ts';
import { openSqlite } from '../../../src/store/sqlite/sqlite.ts';

const [folder = '', modern = '', legacy = ''] = process.argv.slice(2);
const WARM = 150;
const MANY = 1_000;
const AT_A_TIME = 25;
/** One session in so many has a process of its own. */
const STDIO_EVERY = 33;

const ROUGH = join(import.meta.dirname, '../../support/servers/rough-stdio.ts');
const policy = join(folder, 'policy.yaml');
writeFileSync(
  policy,
  `version: 1
profile: many
who: local
servers:
  modern: { url: ${JSON.stringify(modern)} }
  legacy: { url: ${JSON.stringify(legacy)} }
  rough: { command: [node, ${JSON.stringify(ROUGH)}], cwd: "\${session.dir}" }
tools: { modern.echo: { effect: read }, legacy.echo: { effect: read }, rough.rough: { effect: read } }
`,
);
const home = homeOf({ TOLLGATE_HOME: join(folder, 'home') });
const opened = await openGateway({
  home,
  config: { ...defaultConfig(), listen: { host: '127.0.0.1', port: 0 } },
  policies: [policy],
  anonymous: true,
  user: 'ada',
  version: '1',
  now: Date.now,
  newId,
  report: (line) => process.stderr.write(`${line}\n`),
});
if (!opened.ok) throw new Error(opened.error.problems.join('\n'));
// Another process's view: what is ended here is heard of by the gateway as what a command line ends.
const people = await openSqlite({ file: home.ledger, contentKey: secretKey(home.keys, 'content'), role: 'visitor' });

const TOOLS = ['modern__echo', 'legacy__echo'] as const;
const toolOf = (index: number): string => (index % STDIO_EVERY === 0 ? 'rough__rough' : (TOOLS[index % 2] ?? ''));

/** A session is opened by its first call: one a working folder. */
async function use(index: number): Promise<void> {
  const socket = connect(home.socket);
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const said = async (message: object): Promise<string> => {
    socket.write(`${JSON.stringify(message)}\n`);
    return String((await lines.next()).value);
  };
  await said({ as: 'agent', policy, folder: `/work/${index}` });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'many', version: '1' } };
  await said({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  const tool = toolOf(index);
  const given = { name: tool, arguments: tool.startsWith('rough') ? { do: 'echo' } : { text: 'x' } };
  const answer = await said({ jsonrpc: '2.0', id: 2, method: 'tools/call', params: given });
  if (!answer.includes('"result"') || answer.includes('"isError":true')) throw new Error(answer);
  await ended(socket);
}

const ended = (socket: Socket): Promise<void> =>
  new Promise((closed) => {
    socket.once('close', () => closed());
    socket.destroy();
  });

async function useAndEnd(from: number, count: number): Promise<void> {
  for (let index = from; index < from + count; index += AT_A_TIME)
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, at) => use(index + at)));
  const sessions = (await people.sessions(Date.now())).filter(({ session }) => session.state === 'running');
  await Promise.all(sessions.map(({ session: { id } }) => people.change(id, 'complete', 'grace', 'done', Date.now())));
}

const parentOf = (pid: string): number => {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S /s, '')
        .split(' ', 1)[0],
    );
  } catch {
    return 0;
  }
};

const counts = () => ({
  processes: readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === process.pid).length,
  descriptors: readdirSync('/proc/self/fd').length,
  folders: readdirSync(home.sessions).length,
});

/** Connections to servers that are kept alive for the next call close by themselves after some seconds. */
const LOOK_EVERY = 500;
const ALIKE = 12;

/** What is there once nothing changes any more. */
async function settled(): Promise<object> {
  let last = '';
  for (let alike = 0; alike < ALIKE; ) {
    await new Promise((look) => setTimeout(look, LOOK_EVERY));
    const now = JSON.stringify(counts());
    alike = now === last ? alike + 1 : 0;
    last = now;
  }
  globalThis.gc?.();
  return { ...counts(), heap: process.memoryUsage().heapUsed };
}

await useAndEnd(0, WARM);
const before = await settled();
let most = { processes: 0, folders: 0 };
const watch = setInterval(() => {
  const { processes, folders } = counts();
  most = { processes: Math.max(most.processes, processes), folders: Math.max(most.folders, folders) };
}, 250);
await useAndEnd(WARM, MANY);
clearInterval(watch);
const after = await settled();
process.stdout.write(`${JSON.stringify({ before, most, after })}\n`);
await people.close();
await opened.value.close();
