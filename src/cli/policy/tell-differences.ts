import type { Lock } from '../../domain/lock.ts';
import { diffText, type Paint, PLAIN } from '../../policy/lock/diff-text.ts';
import { lockDiff } from '../../policy/lock/lock-diff.ts';
import { EXIT } from '../exit.ts';
import { colours } from '../terminal.ts';
import type { Pinned } from './present-lock.ts';

/** Colours where they show; elsewhere marks that a file can hold. */
export const paint: Paint = colours.isColorSupported
  ? { removed: (text) => colours.red(colours.strikethrough(text)), added: colours.green, heading: colours.bold }
  : PLAIN;

/** Tells what an accepted lock would change. The command ends with 1 where that is something. */
export function tellDifferences({ policy, lockFile, lock }: Pinned, present: Lock, isJson: boolean): void {
  const differences = lockDiff(lock, present);
  if (differences.length > 0) process.exitCode = EXIT.refused;
  if (isJson) {
    process.stdout.write(
      `${JSON.stringify({ policy, lock: lockFile, same: differences.length === 0, differences })}\n`,
    );
  } else if (differences.length === 0) {
    process.stdout.write(`${colours.green('same')}  the servers are what ${lockFile} says\n`);
  } else {
    const next = lock === undefined ? `tollgate policy pin ${policy}` : `tollgate policy accept --pins ${policy}`;
    const head = lock === undefined ? `${lockFile} is not there yet.` : `The servers are not what ${lockFile} says.`;
    process.stdout.write(`${head}\n\n${diffText(differences, paint)}\nOnce you have read this: ${next}\n`);
  }
}
