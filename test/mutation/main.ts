/**
 * `npm run mutation [-- FILE...]`: changes the policy engine in thousands of small ways and looks whether a test notices each.
 * Fails where a change goes unnoticed in a file that decides about calls, unless `harmless.json` says why it cannot turn a
 * deny or a hold into an allow. FILEs, from the repository's root, are mutated instead of all. What has not changed since
 * the last run is not tested again (`.mutation/`); take that folder away for a run from scratch.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { decides, SCOPES, type Scope } from './scopes.ts';
import { firstLines, type Mutant, type Reviewed, scoresOf, verdictOn } from './survivors.ts';

async function mutantsOf({ name, tests }: Scope, files: readonly string[]): Promise<readonly Mutant[]> {
  // Stryker's own `testFiles` would not do: with it, what runs as a module is read is never mutated.
  process.env['MUTATION_TESTS'] = tests.join(' ');
  const results = `.mutation/${name}.json`;
  forgetStaticSurvivors(results, files);
  const stryker = new Stryker({
    mutate: [...files],
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'vitest.mutation.config.ts', related: false },
    coverageAnalysis: 'perTest',
    concurrency: 1,
    // TypeScript 7 has no API in JavaScript, which Stryker would call to read a tsconfig.
    tsconfigFile: 'none',
    symlinkNodeModules: true,
    tempDirName: '.mutation/sandboxes',
    ignorePatterns: ['/docs', '/bench', '/servers'],
    incremental: true,
    incrementalFile: results,
    reporters: ['progress-append-only'],
    timeoutMS: 20_000,
    allowConsoleColors: false,
  });
  const tested = await stryker.runMutationTest();
  return tested.flatMap(({ fileName, location, replacement, mutatorName, status }) => {
    if (!['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status)) return [];
    const lines = firstLines(readFileSync(fileName, 'utf8'), location, replacement);
    const noticed = status === 'Killed' || status === 'Timeout';
    return [
      { file: relative(process.cwd(), fileName), line: location.start.line, ...lines, mutator: mutatorName, noticed },
    ];
  });
}

/** Stryker says of what runs as a module is read, and of what no test met, what it said the last time, whatever came since. */
function forgetStaticSurvivors(results: string, mutated: readonly string[]): void {
  if (!existsSync(results)) return;
  const { files, ...rest } = JSON.parse(readFileSync(results, 'utf8')) as { files: Record<string, TestedFile> };
  // Of a file that is not mutated now they would be gone from what is told, as if a test had noticed them.
  for (const [name, file] of Object.entries(files))
    if (mutated.includes(name))
      file.mutants = file.mutants.filter(
        (one) => one.status !== 'Survived' || (one.static !== true && one.coveredBy?.length !== 0),
      );
  writeFileSync(results, JSON.stringify({ ...rest, files }));
}

/** Of the results that a run keeps for the next, what is touched here. */
interface TestedFile {
  mutants: readonly { readonly static?: boolean; readonly status: string; readonly coveredBy?: readonly string[] }[];
}

/** Prints what came of it. Whether all is well. */
function told(all: readonly Mutant[]): boolean {
  const reviewed = JSON.parse(readFileSync('test/mutation/harmless.json', 'utf8')) as readonly Reviewed[];
  const { dangerous, outdated } = verdictOn(all, reviewed, decides);
  const lines: string[] = [];
  for (const { file, noticed, all: count } of scoresOf(all))
    lines.push(`${percent(noticed, count)}  ${noticed}/${count}  ${file}`);
  const noticed = all.filter((one) => one.noticed).length;
  lines.push(`${percent(noticed, all.length)}  ${noticed}/${all.length}  in all`, '');
  for (const one of all.filter((mutant) => !mutant.noticed)) {
    const mark = dangerous.includes(one) ? 'UNREVIEWED' : 'harmless';
    lines.push(`${mark} ${one.file}:${one.line} (${one.mutator})`, `  - ${one.was}`, `  + ${one.becomes}`);
  }
  for (const one of outdated) lines.push(`harmless.json: no survivor any more: ${one.file}: ${one.becomes}`);
  lines.push(`${dangerous.length} survivors that nobody has said to be harmless`);
  process.stdout.write(`${lines.join('\n')}\n`);
  return dangerous.length === 0;
}

function percent(part: number, of: number): string {
  return `${((100 * part) / of).toFixed(1)}%`.padStart(6);
}

const wanted = process.argv.slice(2);
const mutants: Mutant[] = [];
for (const scope of SCOPES) {
  const files = wanted.length === 0 ? scope.files : scope.files.filter((file) => wanted.includes(file));
  if (files.length > 0) mutants.push(...(await mutantsOf(scope, files)));
}
process.exitCode = told(mutants) ? 0 : 1;
