import { DatabaseSync } from 'node:sqlite';

const BUSY = 5;

/**
 * Makes this process the owner of the store until it releases or dies, however it dies: the lock is the kernel's, taken
 * through SQLite on a file of its own. Undefined where another process has it.
 */
export function takeOwnership(file: string): { release(): void } | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (fault) {
    database.close();
    if ((fault as { errcode?: number }).errcode === BUSY) return undefined;
    throw fault;
  }
  return { release: () => database.close() };
}
