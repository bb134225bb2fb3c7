/** Runs the conformance suite as people do, as a program, and reads what it found. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { type Revision, SUITE } from './requirements.ts';

export type Status = 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';

export interface Check {
  readonly id: string;
  readonly status: Status;
  readonly message?: string | undefined;
}

export interface Found {
  readonly checks: readonly Check[];
  /** What the program under test wrote to standard error. Only of a client. */
  readonly said: string;
}

const checksShape = z.array(
  z
    .object({
      id: z.string(),
      status: z.enum(['SUCCESS', 'FAILURE', 'WARNING', 'SKIPPED', 'INFO']),
      errorMessage: z.string().optional(),
    })
    .transform(({ id, status, errorMessage }): Check => ({ id, status, message: errorMessage })),
);

/**
 * How long the suite waits for one scenario, in milliseconds. Longer than the SDK's 60 s for a request, so that a client
 * with a silent server says so itself, and ends the gateway that it started.
 */
const PATIENCE = '90000';

/** Every scenario that the suite runs for this revision against a server, by name. `began` hears each as it begins. */
export function runServerLeg(
  url: string,
  revision: Revision,
  began: (scenario: string) => void,
): Promise<ReadonlyMap<string, Found>> {
  return run(['server', '--url', url, '--requirements', revision], (line) => {
    const scenario = /^=== Running scenario: (\S+) ===$/.exec(line)?.[1];
    if (scenario !== undefined) began(scenario);
  });
}

/** One scenario of the client half. The suite adds its own URL to the command, a line for the shell. */
export async function runClientScenario(scenario: string, command: string, revision: Revision): Promise<Found> {
  // Extensions are of no revision: without the word the suite leaves them out.
  const words = ['client', '--command', command, '--scenario', scenario, '--spec-version', revision, '--force'];
  return (await run(words, () => undefined)).get(scenario) ?? { checks: [], said: '' };
}

const LISTENING_PORTS = import.meta.resolve('./listening-ports.ts');

async function run(words: readonly string[], heard: (line: string) => void): Promise<ReadonlyMap<string, Found>> {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-conformance-'));
  const program = join(SUITE, 'dist', 'index.js');
  const child = spawn(
    process.execPath,
    ['--import', LISTENING_PORTS, program, ...words, '--timeout', PATIENCE, '-o', folder],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  createInterface({ input: child.stdout }).on('line', heard);
  await once(child, 'close');
  try {
    return findings(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a server's scenario the folder is `server-NAME-TIME`, of a client's `NAME-TIME`; a NAME may have a slash. */
const FOLDER = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z\/checks\.json$/;

function findings(folder: string): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  for (const path of globSync('**/checks.json', { cwd: folder })) {
    const scenario = FOLDER.exec(path.replaceAll('\\', '/'))?.[1];
    if (scenario === undefined) throw new Error(`the suite calls a folder ${path}`);
    const checks = checksShape.parse(JSON.parse(readFileSync(join(folder, path), 'utf8')));
    found.set(scenario, { checks, said: said(folder, path) });
  }
  return found;
}

function said(folder: string, path: string): string {
  const [file] = globSync(path.replace('checks.json', 'stderr.txt'), { cwd: folder });
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
}
