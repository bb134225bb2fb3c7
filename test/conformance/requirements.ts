/** What the suite requires of a revision, from the files that it ships. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import * as z from 'zod';

export type Revision = '2026-07-28' | '2025-11-25';
export const REVISIONS: readonly Revision[] = ['2026-07-28', '2025-11-25'];

export type Leg = 'server' | 'client';

/** `required`, or why a scenario is run and not scored. */
export type Standing = 'required' | 'extension' | 'pending' | 'added-after-release';

/** The folder of the installed suite. */
export const SUITE = dirname(fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/package.json')));

const shape = z.object({
  server: z.array(z.string()),
  client: z.array(z.string()),
  not_scored: z.array(
    z.object({
      scenario: z.string(),
      leg: z.enum(['server', 'client']),
      reason: z.enum(['extension', 'pending', 'added-after-release']),
    }),
  ),
});

/** Every scenario of one half, in the suite's order: the required ones first. */
export function requirements(revision: Revision, leg: Leg): ReadonlyMap<string, Standing> {
  const file = shape.parse(parse(readFileSync(join(SUITE, 'requirements', `${revision}.yaml`), 'utf8')));
  const unscored = file.not_scored.filter((one) => one.leg === leg);
  return new Map([
    ...file[leg].map((name): [string, Standing] => [name, 'required']),
    ...unscored.map((one): [string, Standing] => [one.scenario, one.reason]),
  ]);
}
