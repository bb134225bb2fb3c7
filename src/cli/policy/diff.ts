/** `tollgate policy diff FILE`: what the servers say now, against the lock file, in words. Writes nothing. */
import { presentLock, readPinned } from './present-lock.ts';
import { tellDifferences } from './tell-differences.ts';

export async function diffPolicy(file: string, options: { yes: boolean; json: boolean }): Promise<void> {
  const pinned = readPinned(file);
  tellDifferences(pinned, await presentLock(pinned, options.yes), options.json);
}
