/** A disk of a few megabytes of its own, which can be filled to the last byte and freed again. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk {
  readonly folder: string;
  /** Leaves no byte. */
  fill(): void;
  free(): void;
  remove(): void;
}

const BLOCK = 64 * 1024;

function mount(megabytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'ignore' });
    return folder;
  } catch (error) {
    rmdirSync(folder);
    throw error;
  }
}

/** Why there can be none here, as a reason to skip; undefined where there can. */
export const noSmallDisk: string | undefined = (() => {
  try {
    const disk = smallDisk(1);
    disk.remove();
    return undefined;
  } catch {
    return 'this user may not mount a small disk';
  }
})();

export function smallDisk(megabytes: number): SmallDisk {
  const folder = mount(megabytes);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: () => {
      const file = openSync(ballast, 'a');
      for (let size = BLOCK; size >= 1; ) {
        try {
          writeSync(file, Buffer.alloc(size));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size = Math.floor(size / 2);
        }
      }
      closeSync(file);
    },
    free: () => rmSync(ballast),
    remove: () => {
      execFileSync('umount', ['-l', folder]);
      rmdirSync(folder);
    },
  };
}
