import { renameSync, writeFileSync } from 'node:fs';

/** Whole or not at all: a gateway may be reading the file. */
export function writeWhole(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text, { flag: 'wx' });
  renameSync(unfinished, file);
}
