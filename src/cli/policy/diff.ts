/** `tollgate policy diff FILE`: what the servers say now, against the lock file, in words. Writes nothing. */
import { type PinOptions, presentLock, readPinned } from './present-lock.ts';
import { tellDifferences } from './tell-differences.ts';

export async function diffPolicy(file: string, options: PinOptions): Promise<void> {
  const pinned = readPinned(file, options.config);
  tellDifferences(pinned, await presentLock(pinned, options.yes), options.json);
}
