/** `tollgate policy install FILE`: fetches the packages of a policy's servers. Runs nothing of them. */
import { createInterface } from 'node:readline/promises';
import { packageText } from '../../document/package-name.ts';
import type { LockedPackage } from '../../domain/lock.ts';
import { printable } from '../../domain/printable.ts';
import { homeOf } from '../../home.ts';
import { installPackage } from '../../packages/install.ts';
import { folderOfPackage } from '../../packages/installed.ts';
import { packagesWanted, type WantedPackage } from '../../packages/wanted.ts';
import { EXIT, Exit } from '../exit.ts';
import { colours } from '../terminal.ts';
import { readPinned } from './present-lock.ts';

interface InstallOptions {
  readonly config: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

export async function installPackages(file: string, options: InstallOptions): Promise<void> {
  const { toPin, lock } = readPinned(file, options.config);
  const { packages } = homeOf(process.env);
  const all = packagesWanted({ ...toPin, lock }, packages);
  const missing = all.filter(({ installed }) => installed === undefined);
  if (missing.length > 0) await confirm(missing, options);
  const problems: string[] = [];
  for (const one of all) {
    const { wanted, locked } = one;
    const done =
      one.installed === undefined
        ? await installPackage({ wanted, locked, packages, environment: process.env })
        : { ok: true as const, value: one.installed };
    if (done.ok) tell(one, done.value, folderOfPackage(packages, done.value), options.json);
    else problems.push(`${one.server}: ${printable(done.error)}`);
  }
  if (problems.length > 0) throw new Exit(EXIT.unavailable, problems);
  if (all.length === 0 && !options.json) process.stdout.write('No server of this policy is named by a package.\n');
}

/** Shows what will be fetched, and goes on when a person says so, here or with `--yes`. */
async function confirm(missing: readonly WantedPackage[], { yes }: InstallOptions): Promise<void> {
  process.stderr.write('npm will fetch these packages and what they depend on. Nothing of them is run.\n');
  for (const { server, wanted, locked } of missing) {
    const held = locked === undefined ? 'not locked yet' : `locked as ${locked.integrity}`;
    process.stderr.write(`  ${server}  ${packageText(wanted)}  ${colours.dim(held)}\n`);
  }
  if (yes) return;
  if (!process.stdin.isTTY) throw new Exit(EXIT.permission, ['nobody is there to agree: add --yes']);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Fetch them? [y/N] ').finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new Exit(EXIT.refused, ['nothing was fetched']);
}

function tell({ server, installed, locked }: WantedPackage, now: LockedPackage, folder: string, json: boolean): void {
  if (json) {
    const { name, version, integrity, tree } = now;
    const fetched = installed === undefined;
    process.stdout.write(
      `${JSON.stringify({ server, name, version, integrity, tree, folder, fetched, locked: locked !== undefined })}\n`,
    );
    return;
  }
  const how = installed === undefined ? 'fetched' : 'there already';
  process.stdout.write(`${colours.green('ok')}  ${server}  ${packageText(now)}  ${how}, ${now.integrity}\n`);
}
