/** A person at a terminal: the real command in a pseudo-terminal, with somebody who types. */
import * as pseudoTerminal from '@lydell/node-pty';
import { type Deployment, REPOSITORY, TOLLGATE } from './deployment.ts';

/** What the screen showed, and the command's exit code. */
export interface Sat {
  readonly screen: string;
  readonly code: number;
}

/** What is typed, with Enter after it, at each question in turn. */
export type Typing = readonly (readonly [question: string, answer: string])[];

/** A command that still asks after so long is ended; what its screen showed tells why. Milliseconds. */
const ANSWER_WITHIN = 120_000;

/** Runs the real command at a terminal of its own; a person answers its questions as they are shown. */
export const atTerminal = (
  { env }: Pick<Deployment, 'env'>,
  command: readonly string[],
  typing: Typing,
): Promise<Sat> => typedAt(env, process.execPath, [TOLLGATE, ...command], typing);

/** Runs any program so. */
export function typedAt(
  env: Deployment['env'],
  program: string,
  given: readonly string[],
  typing: Typing,
): Promise<Sat> {
  const { promise, resolve } = Promise.withResolvers<Sat>();
  const terminal = pseudoTerminal.spawn(program, [...given], {
    env: { ...env, NO_COLOR: '1' },
    cwd: REPOSITORY,
    cols: 120,
  });
  const waiting = [...typing];
  let screen = '';
  let read = 0;
  terminal.onData((shown) => {
    screen += shown;
    for (let next = waiting[0]; next !== undefined && screen.includes(next[0], read); next = waiting[0]) {
      read = screen.indexOf(next[0], read) + next[0].length;
      waiting.shift();
      terminal.write(`${next[1]}\r`);
    }
  });
  const late = setTimeout(() => terminal.kill(), ANSWER_WITHIN);
  terminal.onExit(({ exitCode }) => {
    clearTimeout(late);
    resolve({ screen: screen.replaceAll('\r\n', '\n'), code: exitCode });
  });
  return promise;
}

const PASSPHRASE = 'correct horse battery';

/** The first answer a person ever gives: a new passphrase, twice. */
export const FIRST_TIME: Typing = [
  ['New passphrase: ', PASSPHRASE],
  ['Once more: ', PASSPHRASE],
];

/** Every later answer to a hold. */
export const toAnswer = (verdict: 'approve' | 'deny'): Typing => [[`Passphrase to ${verdict}: `, PASSPHRASE]];
