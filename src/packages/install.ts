/**
 * Fetches a package with npm, and runs nothing of it. It arrives in a folder of its own, is compared with what was locked,
 * and takes its place in one step: a folder that has its name is whole.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { packageText } from '../document/package-name.ts';
import type { LockedPackage, PackageName } from '../domain/lock.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { folderOfPackage } from './installed.ts';
import { RECORD, readRecorded } from './recorded.ts';

/** Of npm's words so much is repeated. Characters. */
const QUOTED = 300;

export interface Installing {
  readonly wanted: PackageName;
  /** What a person accepted of it; undefined the first time. */
  readonly locked: LockedPackage | undefined;
  /** The folder that holds all packages. */
  readonly packages: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** What was installed. Refused with a sentence without a full stop, and nothing left behind. */
export async function installPackage(installing: Installing): Promise<Result<LockedPackage, string>> {
  const { wanted, locked, packages } = installing;
  mkdirSync(packages, { recursive: true, mode: 0o700 });
  const arriving = mkdtempSync(join(packages, '.arriving-'));
  try {
    const fetched = await npmInstall(installing, arriving);
    if (!fetched.ok) return fetched;
    const recorded = readRecorded(arriving, wanted);
    if (!recorded.ok) return recorded;
    const other = locked === undefined ? undefined : difference(locked, recorded.value);
    if (other !== undefined) return refuse(other);
    settle(arriving, folderOfPackage(packages, recorded.value));
    return recorded;
  } finally {
    rmSync(arriving, { recursive: true, force: true });
  }
}

function difference(locked: LockedPackage, { integrity, tree }: LockedPackage): string | undefined {
  const what = packageText(locked);
  if (integrity !== locked.integrity) return `${what} is recorded as ${integrity}, and ${locked.integrity} was locked`;
  return tree === locked.tree ? undefined : `what ${what} depends on is not recorded as it was locked`;
}

/** What stood there was not what it is named for, or it would not be fetched again. */
function settle(arrived: string, place: string): void {
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  rmSync(place, { recursive: true, force: true });
  renameSync(arrived, place);
}

/** The switches stand before whatever the person's own configuration of npm says; its registry and its tokens are used. */
const SWITCHES = [
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--no-update-notifier',
  '--no-bin-links',
  '--no-global',
  '--no-workspaces',
  '--save-exact',
  // Whose registry it came from is the machine's own matter: another one may have another.
  '--omit-lockfile-registry-resolved',
  '--package-lock',
  '--lockfile-version=3',
  '--install-strategy=hoisted',
  '--omit=dev',
  '--loglevel=error',
];

/** What was locked is installed as it was then, to the last dependency, and npm compares each with its integrity. */
async function npmInstall(installing: Installing, folder: string): Promise<Result<void, string>> {
  const { wanted, locked, environment } = installing;
  const dependencies = locked === undefined ? {} : { [locked.name]: locked.version };
  // Where it stands npm installs; without it npm looks for a project in the folders above.
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  if (locked !== undefined) writeFileSync(join(folder, RECORD), JSON.stringify(locked.record));
  const what = `${wanted.name}@${wanted.version}`;
  const words = locked === undefined ? ['install', ...SWITCHES, '--', what] : ['ci', ...SWITCHES];
  const child = spawn('npm', words, {
    cwd: folder,
    env: { ...environment, PATH: [dirname(process.execPath), environment['PATH'] ?? ''].join(delimiter) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
  });
  const { promise, resolve } = Promise.withResolvers<Result<void, string>>();
  child.once('error', (fault: NodeJS.ErrnoException) =>
    resolve(refuse(fault.code === 'ENOENT' ? 'there is no npm on the PATH to fetch it with' : fault.message)),
  );
  child.once('close', (code) =>
    resolve(code === 0 ? ok(undefined) : refuse(`npm did not fetch ${what}${quote(said)}`)),
  );
  return promise;
}

/** npm's own words, but for where its log lies. */
function quote(said: string): string {
  const lines = stripVTControlCharacters(said)
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('A complete log of this run'));
  return lines.length === 0 ? '' : `: ${lines.join(' ').slice(0, QUOTED)}`;
}
