/** Files that are there whole and on the disk, or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What an unfinished file ends with. */
const UNFINISHED = '.unfinished';
/** An unfinished file that is older belongs to a process that is gone. Milliseconds. */
const LONGEST = 24 * 60 * 60_000;

/** Mode 0600, in a folder that is made for this user where there is none. Answers its path. Throws a system's error. */
export async function writeWhole(folder: string, name: string, lines: AsyncIterable<string>): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const unfinished = join(folder, `.${name}.${randomBytes(8).toString('hex')}${UNFINISHED}`);
  try {
    const file = await open(unfinished, 'wx', 0o600);
    try {
      await file.writeFile(lines);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  await syncFolder(folder);
  return path;
}

/** Removes what processes that were killed left unfinished in a folder. */
export async function sweepUnfinished(folder: string, now: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith('.') || !name.endsWith(UNFINISHED)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }));
    if (now - mtimeMs > LONGEST) await rm(path, { force: true });
  }
}

/** The rename itself reaches the disk. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
