/** `tollgate policy check FILE`: everything that is wrong with a policy file at once, and what is doubtful. Starts nothing. */
import { type Problem, problemText } from '../../document/document.ts';
import type { Profile } from '../../domain/policy.ts';
import { printable } from '../../domain/printable.ts';
import { type Result, refuse } from '../../domain/result.ts';
import { PolicyBook } from '../../policy/book.ts';
import { type LoadedPolicy, loadPolicy, loadUntested } from '../../policy/file/load.ts';
import { observingWords } from '../../policy/file/observing.ts';
import { lint } from '../../policy/lint/lint.ts';
import { count, countsOf } from '../counts.ts';
import { EXIT, Exit } from '../exit.ts';
import { colours } from '../terminal.ts';
import { readPolicyFile } from './opened.ts';

interface CheckOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

export async function checkPolicy(file: string, { config, json }: CheckOptions): Promise<void> {
  const checked = checkedPolicy(file, config);
  const warnings = checked.ok ? lint(checked.value) : [];
  if (json) {
    const errors = checked.ok ? [] : checked.error.map((problem) => ({ severity: 'error', ...problem }));
    const told = [...errors, ...warnings.map((problem) => ({ severity: 'warning', ...problem }))];
    process.stdout.write(`${JSON.stringify(told)}\n`);
    if (!checked.ok) process.exitCode = EXIT.config;
    return;
  }
  if (!checked.ok) throw new Exit(EXIT.config, checked.error.map(problemWords));
  tell(checked.value.profile, warnings);
}

/** A problem of the file, or of names and servers as a whole, which has no place in it. */
type Told = Problem | Pick<Problem, 'file' | 'message'>;

const problemWords = (told: Told): string => ('line' in told ? problemText(told) : `${told.file}: ${told.message}`);

function checkedPolicy(file: string, config: string | undefined): Result<LoadedPolicy, readonly Told[]> {
  const read = readPolicyFile(file, config);
  if (!read.ok) return read;
  const tested = loadPolicy(read.value);
  if (!tested.ok) return tested;
  // The names that agents see, and servers that the deployment has otherwise.
  const checked = new PolicyBook(read.value.servers ?? new Map(), read.value.issuers).checked(tested.value, undefined);
  if (!checked.ok) return refuse(checked.error.map((message) => ({ file: read.value.file, message })));
  return loadUntested(read.value);
}

function tell(profile: Profile, warnings: readonly Problem[]): void {
  const counts = `${countsOf(profile)}, ${count(profile.servers.size, 'server')}`;
  process.stdout.write(`${colours.green('ok')}  profile ${profile.name}, ${counts}\n`);
  const observing = observingWords(profile);
  if (observing !== undefined) process.stdout.write(`${colours.yellow(observing)}\n`);
  for (const { file, line, column, message } of warnings)
    process.stdout.write(`${file}:${line}:${column}: ${colours.yellow('warning:')} ${printable(message)}\n`);
}
