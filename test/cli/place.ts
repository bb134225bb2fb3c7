/** Where a command line is tried out: a home that no gateway has used, and how what it says is judged. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type Home, homeOf } from '../../src/home.ts';
import { endStarted, environmentOf, type Finished, type RunOptions, run, temporaryFolder } from '../support/gateway.ts';
import { recordingServer } from '../support/recording-server.ts';

export interface Place {
  readonly home: Home;
  /** Writes a file and answers its path. */
  file(name: string, text: string | Buffer): string;
  tollgate(words: readonly string[], options?: RunOptions): Promise<Finished>;
}

/** A folder with a home in it that no gateway has used, gone with all that runs there when the test ends. */
export function place(): Place {
  const folder = temporaryFolder();
  const environment = environmentOf(folder);
  const home = homeOf(environment);
  onTestFinished(async () => {
    await endStarted(home);
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    home,
    file: (name, text) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    tollgate: (words, options) => run(words, environment, options),
  };
}

export const policyOf = (server: string, tool = 'rough.rough'): string =>
  `version: 1\nprofile: test\nwho: local\nservers: { rough: ${server} }\ntools: { ${tool}: { effect: read } }\n`;
export const goodPolicy = (): string => {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return policyOf(recordingServer(folder).yaml);
};

/** What is said: the lines of Tollgate itself, in full. All else on standard error is what servers said. */
export function problemsOf({ code, stdout, stderr }: Finished, expected: number): readonly string[] {
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^ {4}at |node:internal|Error:/m);
  expect(stderr).not.toMatch(/tollgate: .*tollgate: /);
  expect(code).toBe(expected);
  return stderr.split('\n').filter((line) => line.startsWith('tollgate: '));
}
