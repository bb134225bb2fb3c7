/** Packages that are there: each in a folder named by its version and the integrity of its tarball. Nothing here fetches. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { z } from 'zod';
import { packageText } from '../document/package-name.ts';
import type { LockedPackage, PackageName } from '../domain/lock.ts';
import type { Profile } from '../domain/policy.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { jsonIn, placeOf, readRecorded } from './recorded.ts';

/** Of the integrity so many hexadecimal digits are in the folder's name. */
const DIGITS = 16;

/** `packages` holds them all. */
export function folderOfPackage(packages: string, { name, version, integrity }: LockedPackage): string {
  const digits = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64')
    .toString('hex')
    .slice(0, DIGITS);
  return join(packages, `${name}@${version}-${digits}`);
}

/** The package of a server: what the lock holds, or without a lock the only one that is installed. */
export function packageOf(
  server: string,
  wanted: PackageName,
  { lock, file }: Pick<Profile, 'lock' | 'file'>,
  packages: string,
): Result<LockedPackage, string> {
  if (lock === undefined) return onlyInstalled(packages, wanted, file);
  const locked = lock.servers.get(server)?.package;
  const isMeant = locked?.name === wanted.name && locked.version === wanted.version;
  if (locked !== undefined && isMeant) return ok(locked);
  const held = locked === undefined ? 'no package of it' : packageText(locked);
  return refuse(`${lock.file} holds ${held}, and not ${packageText(wanted)}: tollgate policy accept --pins ${file}`);
}

function onlyInstalled(packages: string, wanted: PackageName, file: string): Result<LockedPackage, string> {
  const start = join(packages, `${wanted.name}@${wanted.version}-`);
  const folders = namesIn(dirname(start)).filter((name) => name.startsWith(basename(start)));
  const [folder, other] = folders.map((name) => join(dirname(start), name));
  if (folder === undefined) return refuse(notInstalled(wanted, file));
  if (other === undefined) return readRecorded(folder, wanted);
  return refuse(`${packageText(wanted)} is there twice, in ${folder} and ${other}: remove the wrong one`);
}

const notInstalled = (wanted: PackageName, file: string): string =>
  `${packageText(wanted)} is not installed: tollgate policy install ${file}`;

/** The program of a locked package: a file to run with node. Refused where what is installed is not what was locked. */
export function programOf(locked: LockedPackage, packages: string, file: string): Result<string, string> {
  const folder = folderOfPackage(packages, locked);
  if (!namesIn(dirname(folder)).includes(basename(folder))) return refuse(notInstalled(locked, file));
  const recorded = readRecorded(folder, locked);
  if (!recorded.ok) return recorded;
  const where = `${packageText(locked)} in ${folder}`;
  if (recorded.value.integrity !== locked.integrity) return refuse(`${where}: it is not what was locked`);
  if (recorded.value.tree !== locked.tree) return refuse(`${where}: what it depends on is not what was locked`);
  return programIn(placeOf(folder, locked), locked);
}

const programs = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/** Its only program, or the one of its own name (npm: package.json, bin). */
function programIn(place: string, locked: LockedPackage): Result<string, string> {
  const manifest = programs.safeParse(jsonIn(join(place, 'package.json')));
  if (!manifest.success) return refuse(`${packageText(locked)} has no program to start`);
  const { bin } = manifest.data;
  const all = typeof bin === 'string' ? [bin] : Object.values(bin);
  const own = typeof bin === 'string' ? bin : bin[posix.basename(locked.name)];
  const program = all.length === 1 ? all[0] : own;
  if (program === undefined) {
    return refuse(
      `${packageText(locked)} has ${all.length} programs, and none is named ${posix.basename(locked.name)}`,
    );
  }
  const path = join(place, program);
  return path.startsWith(join(place, '/')) && isFile(path)
    ? ok(path)
    : refuse(`${packageText(locked)} names a program that it does not have`);
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
