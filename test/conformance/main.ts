/**
 * `npm run conformance`: the official conformance suite against a fixture server, directly and through Tollgate, and against
 * clients that go through Tollgate.
 *
 *     node test/conformance/main.ts [--json]
 *
 * Each cell is checks passed/failed. `through`: the gateway speaks the client's era to the server; `across`: the other one.
 * Exit code 1 where a required scenario fails, or does not have the same checks as directly.
 */
import { parseArgs } from 'node:util';
import { failures, judge } from './judgement.ts';
import { report } from './report.ts';

/** `EX_USAGE` of sysexits.h. */
const USAGE = 64;

const options = optionsOf(process.argv.slice(2));
process.exitCode = options === undefined ? usage() : await judged(options.json);

function usage(): number {
  process.stderr.write('usage: node test/conformance/main.ts [--json]\n');
  return USAGE;
}

async function judged(json: boolean): Promise<number> {
  const isWatched = process.stderr.isTTY === true;
  const tell = (line: string): void => {
    if (isWatched) process.stderr.write(`\r\x1b[K${line}`);
  };
  try {
    const halves = await judge(tell);
    tell('');
    const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
    process.stdout.write(json ? `${JSON.stringify(halves)}\n` : report(halves, colour));
    return failures(halves).length === 0 ? 0 : 1;
  } catch (error) {
    tell('');
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 1;
  }
}

function optionsOf(args: string[]): { readonly json: boolean } | undefined {
  try {
    return parseArgs({ args, options: { json: { type: 'boolean', default: false } } }).values;
  } catch {
    return undefined;
  }
}
