/** Reads a file that is to be loaded. */
import { readFileSync } from 'node:fs';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Problem } from './document.ts';

export interface Source {
  /** As it was named; problems repeat it. */
  readonly file: string;
  readonly text: string;
}

/** The text of a file in UTF-8. What cannot be read is one problem at its first place, never an exception. */
export function readSource(file: string): Result<Source, readonly Problem[]> {
  const problem = (message: string) => refuse([{ file, line: 1, column: 1, message }]);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return problem(code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`);
  }
  try {
    return ok({ file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) });
  } catch {
    return problem('the file is not valid UTF-8');
  }
}
