/**
 * `npm run demo`: the story of one agent, played by itself. The gateway is a process of its own, the servers are the real
 * ones, the agents are SDK clients of both lines, and the person types at a pseudo-terminal. Every line that is printed
 * as an answer was given, and was checked; the exit code is 1 when one was not as it should be.
 */
import { colours } from '../../src/cli/terminal.ts';
import { play } from './support/story.ts';

const ended = new AsyncDisposableStack();
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => void ended.disposeAsync().finally(() => process.exit(code)));
}

try {
  await play(ended, (line) => process.stdout.write(`${line}\n`));
  process.stdout.write(`\n${colours.green('All of it was so.')} Now by hand: npm start\n`);
} catch (fault) {
  process.stderr.write(`\n${colours.red('NOT SO:')} ${fault instanceof Error ? fault.message : String(fault)}\n`);
  process.exitCode = 1;
} finally {
  await ended.disposeAsync();
}
