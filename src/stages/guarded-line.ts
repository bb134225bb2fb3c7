import type { Line } from '../domain/exchange.ts';
import type { JsonValue } from '../domain/json.ts';
import { ok, type Result } from '../domain/result.ts';
import { readText, readValue } from '../policy/output/reading.ts';

/** What a server says while it works is read by people and models too: as a result is, on one line where it is one, and named. */
export const guarded = (line: Line, server: string): Line => ({
  signal: line.signal,
  progress: (step) => line.progress({ ...step, message: step.message && told(oneLine(step.message, server)) }),
  logLevel: line.logLevel,
  log: ({ level, logger, data }) =>
    line.log({
      level,
      logger: logger === undefined ? server : `${server}/${told(oneLine(logger, server))}`,
      data: told<JsonValue>(readValue(data, server)),
    }),
  tasked: line.tasked,
  ask: line.ask,
});

const LONGEST_LINE = 500;

/** Read before it is cut: half of a secret is one too. */
function oneLine(said: string, server: string): Result<string, string> {
  const read = readText(said, server);
  return read.ok ? ok(read.value.replaceAll(/[\t\n\u2028\u2029]+/g, ' ').slice(0, LONGEST_LINE)) : read;
}

/** What was said, or a note in its place. */
const told = <Said>(read: Result<Said, string>): Said | string =>
  read.ok ? read.value : `Left out: it ${read.error}.`;
