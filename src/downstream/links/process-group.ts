/**
 * Process groups: each server is the leader of its own, so that what it started ends with it. A process that leaves its
 * group (setsid) is out of reach here.
 */
import { setTimeout as after } from 'node:timers/promises';

/** Milliseconds between two looks at a group, and how long a killed one may take to be gone. */
const LOOK_EVERY = 20;
const GONE_WITHIN = 2_000;

const living = new Set<number>();

/** When this process ends without closing its servers, they are killed: nothing of them is left behind. */
const killAll = (): void => {
  for (const group of living) signalGroup(group, 'SIGKILL');
};

/** From now on the group of this leader ends with us. */
export function ownGroup(leader: number): void {
  if (living.size === 0) process.on('exit', killAll);
  living.add(leader);
}

/** SIGTERM to the whole group; after `grace` milliseconds SIGKILL. Resolves when nothing of it runs any more. */
export async function endGroup(leader: number, grace: number): Promise<void> {
  signalGroup(leader, 'SIGTERM');
  if (!(await gone(leader, grace))) {
    signalGroup(leader, 'SIGKILL');
    await gone(leader, GONE_WITHIN);
  }
  living.delete(leader);
  if (living.size === 0) process.off('exit', killAll);
}

async function gone(group: number, within: number): Promise<boolean> {
  for (let waited = 0; waited < within; waited += LOOK_EVERY) {
    if (!signalGroup(group, 0)) return true;
    await after(LOOK_EVERY);
  }
  return !signalGroup(group, 0);
}

/** False where the group has no members left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (fault) {
    return (fault as NodeJS.ErrnoException).code === 'EPERM';
  }
}
