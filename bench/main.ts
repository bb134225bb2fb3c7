/**
 * What Tollgate costs: one small `tools/call`, straight to a raw server, through the least that a gateway can be, and through
 * Tollgate with everything on: a policy with a rule on the argument, budgets, the journal in SQLite, spans over OTLP.
 *
 *     node bench/main.ts [--seconds N] [--rounds N] [--json]
 *     node bench/main.ts policy      what deciding alone costs (decide.ts)
 *     node bench/main.ts identity    what knowing a caller costs (identity.ts)
 *     node bench/main.ts credentials what a cached credential adds to a call (credentials.ts)
 *     node bench/main.ts ledger      what `commit` and `settle` cost on SQLite and PostgreSQL (ledger.ts)
 *
 * Every program is a process of its own, on loopback. Processor time is that of the route's own process: the echo server
 * for `direct`, the gateway for the others. Ratios are against `pass-through` in the same round.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { noPostgres, startPostgres } from '../test/support/postgres-server.ts';
import { ARGUMENT_BYTES } from './call.ts';
import { cachedCredential } from './credentials.ts';
import { decide, decidedWords } from './decide.ts';
import { identity, knownWords } from './identity.ts';
import { ledger } from './ledger.ts';
import { measure, type Plan, type Route } from './measure.ts';
import { ask, startProgram, startServer, startTollgate } from './processes.ts';
import { summarise, tableOf } from './summary.ts';

/** `EX_USAGE` of sysexits.h. */
const USAGE = 64;
const BASELINE = 'pass-through';
const GATEWAY = 'tollgate';
/** Where the policy names the echo server. */
const PLACEHOLDER = 'http://127.0.0.1:1/mcp';

const options = z.object({
  seconds: z.coerce.number().min(0.2).max(60).default(2),
  rounds: z.coerce.number().int().min(1).max(100).default(5),
  json: z.boolean().default(false),
});

function planOf(given: readonly string[]): (Plan & { readonly json: boolean }) | string {
  const usage =
    'usage: node bench/main.ts [--seconds 0.2..60] [--rounds 1..100] [--json] | policy | identity | credentials | ledger';
  try {
    const { values } = parseArgs({
      args: [...given],
      options: { seconds: { type: 'string' }, rounds: { type: 'string' }, json: { type: 'boolean' } },
    });
    const read = options.safeParse(values);
    return read.success ? read.data : usage;
  } catch {
    return usage;
  }
}

const tell = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`);
};

async function bench(plan: Plan & { readonly json: boolean }, ended: AsyncDisposableStack): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'bench-'));
  ended.defer(() => rmSync(home, { recursive: true, force: true }));
  const echo = await startServer(ended, 'echo-server');
  const passThrough = await startServer(ended, 'pass-through', echo.url);
  const sink = await startServer(ended, 'otlp-sink');
  const routes: Route[] = [
    { name: 'direct', url: echo.url, tool: 'echo', token: undefined, pid: echo.pid },
    { name: BASELINE, url: passThrough.url, tool: 'echo', token: undefined, pid: passThrough.pid },
  ];
  const policy = join(home, 'policy.yaml');
  const text = readFileSync(new URL('./policy.yaml', import.meta.url), 'utf8');
  writeFileSync(policy, text.replace(PLACEHOLDER, echo.url));
  const tollgate = await startTollgate(ended, policy, join(home, 'tollgate'), new URL(sink.url).origin);
  routes.push({ name: GATEWAY, tool: 'echo__echo', ...tollgate });
  if (noPostgres === undefined) {
    const server = await startPostgres({ durable: true });
    ended.defer(() => server.stop());
    const store = ['--store', await server.database()];
    const replica = await startTollgate(ended, policy, join(home, 'replica'), new URL(sink.url).origin, store);
    routes.push({ name: `${GATEWAY} on PostgreSQL`, tool: 'echo__echo', ...replica });
  }

  const measured = await measure(routes, startProgram(ended, 'load'), plan, tell);
  tell('');
  const { spans } = z.object({ spans: z.int() }).parse(await ask(sink.child, {}, 10_000));
  const calls = measured.filter(({ route }) => route.startsWith(GATEWAY)).reduce((sum, one) => sum + one.calls, 0);
  if (spans < calls) throw new Error(`tollgate exported ${spans} spans of ${calls} calls: not everything was on`);
  const summary = summarise(measured, BASELINE);
  const machine = { node: process.version, cores: availableParallelism(), cpu: cpus()[0]?.model ?? 'unknown' };
  if (plan.json) {
    const { seconds, rounds } = plan;
    return JSON.stringify({
      machine,
      seconds,
      rounds,
      argumentBytes: ARGUMENT_BYTES,
      baseline: BASELINE,
      spansPerCall: spans / calls,
      summary,
      measured,
    });
  }
  const lines = [
    `One tools/call with a ${ARGUMENT_BYTES}-byte argument. ${plan.rounds} rounds of ${plan.seconds} s a route and load.`,
    `Medians over the rounds; ratios against ${BASELINE} in the same round: median (least-most).`,
    `Node ${machine.node.slice(1)}, ${machine.cores} cores of ${machine.cpu}.`,
    '',
    tableOf(summary, process.stdout.isTTY === true && !process.env['NO_COLOR']),
    '',
    `Spans that tollgate exported: ${(spans / calls).toFixed(2)} a call.`,
  ];
  return lines.join('\n');
}

const plan = planOf(process.argv.slice(2));
if (process.argv[2] === 'policy') {
  process.stdout.write(`${decidedWords(decide())}\n`);
} else if (process.argv[2] === 'identity') {
  process.stdout.write(`${knownWords(await identity())}\n`);
} else if (process.argv[2] === 'credentials') {
  process.stdout.write(`${await cachedCredential()}\n`);
} else if (process.argv[2] === 'ledger') {
  process.stdout.write(`${await ledger(tell)}\n`);
} else if (typeof plan === 'string') {
  process.stderr.write(`${plan}\n`);
  process.exitCode = USAGE;
} else {
  const ended = new AsyncDisposableStack();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => ended.disposeAsync().then(() => process.exit(1)));
  }
  try {
    process.stdout.write(`${await bench(plan, ended)}\n`);
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  } finally {
    await ended.disposeAsync();
  }
}
