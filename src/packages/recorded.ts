/**
 * What npm recorded of a package that it installed: `package-lock.json` in the folder that holds the package and all that
 * it depends on. Of each the registry's integrity is there, so that whoever swaps one says so here or breaks npm's promise.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { packageText } from '../document/package-name.ts';
import { digestOf, type JsonObject } from '../domain/json.ts';
import type { LockedPackage, PackageName } from '../domain/lock.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/** Where npm records what it installed. */
export const RECORD = 'package-lock.json';

const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

const entry = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  /** It came in the tarball of another, and under its integrity. */
  inBundle: z.boolean().optional(),
  link: z.boolean().optional(),
});
const packageLock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), entry) });

/** Where the package itself lies in the folder. */
export const placeOf = (folder: string, { name }: PackageName): string => join(folder, 'node_modules', name);

/** Refused with a sentence without a full stop. */
export function readRecorded(folder: string, wanted: PackageName): Result<LockedPackage, string> {
  const what = packageText(wanted);
  const written = jsonIn(join(folder, RECORD));
  const read = packageLock.safeParse(written);
  if (!read.success) return refuse(`npm left no record of ${what} that can be read`);
  const tree: Record<string, JsonObject> = {};
  for (const [path, { version, integrity, inBundle, link }] of Object.entries(read.data.packages)) {
    if (path === '') continue;
    if (link === true || (inBundle !== true && !SHA512.test(integrity ?? ''))) {
      return refuse(`${path} of ${what} comes without a sha512 integrity, and could be another tomorrow`);
    }
    tree[path] = { version: version ?? '', integrity: integrity ?? 'in the tarball of another' };
  }
  const own = read.data.packages[`node_modules/${wanted.name}`];
  if (own?.version !== wanted.version || own.integrity === undefined)
    return refuse(`npm recorded another than ${what}`);
  // The folder's own name is npm's first line, and says nothing of the package.
  const { name: _folder, ...record } = written as JsonObject;
  return ok({ name: wanted.name, version: wanted.version, integrity: own.integrity, tree: digestOf(tree), record });
}

/** Undefined where there is no such file, or no JSON in it. */
export function jsonIn(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
