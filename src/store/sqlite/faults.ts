/** Turns what SQLite and the file system throw into a sentence: which file, what is wrong, what to do. */
import { LedgerFault } from '../../domain/ports.ts';

/** By SQLite's primary result code. */
const SENTENCES: Readonly<Record<number, string>> = {
  3: 'may not be opened. Give this user read and write permission on it and its folder',
  5: 'is locked by another process. End the program that keeps it open, then try again',
  8: 'cannot be written. Give this user write permission on it and its folder, or mount the disk writable',
  10: 'cannot be read or written: the disk reports an error. Check the disk, then restore from a backup if it is damaged',
  11: 'is damaged. Move it away and restore it from a backup',
  13: 'cannot grow: the disk is full. Free some space; nothing of the refused operation was written',
  14: 'cannot be opened. Check that the path is a file in a folder that this user may write',
  23: 'may not be opened. Give this user read and write permission on it and its folder',
  26: 'is not a ledger: it is no SQLite database. Name another file, or move this one away',
};

/** By the file system's error code. */
const FILE_SENTENCES: Readonly<Record<string, string>> = {
  EACCES: 'may not be opened. Give this user read and write permission on it and its folder',
  EPERM: 'may not be opened. Give this user read and write permission on it and its folder',
  EISDIR: 'is a folder. Name a file',
  ENOENT: 'cannot be created: its folder does not exist. Create the folder first',
  ENOTDIR: 'cannot be created: a part of its path is no folder. Name another file',
  EROFS: 'cannot be written: the disk is mounted read-only. Mount it writable, or name another file',
  ENOSPC: 'cannot grow: the disk is full. Free some space',
};

/** One sentence about `error`, which came up over `file`. A `LedgerFault` speaks for itself. */
export function faultSentence(file: string, error: unknown): string {
  if (error instanceof LedgerFault) return error.message;
  const { code, errcode, message } = error as { code?: string; errcode?: number; message?: string };
  const known = errcode === undefined ? FILE_SENTENCES[code ?? ''] : SENTENCES[errcode & 0xff];
  if (known === undefined) return `The ledger ${file} cannot be used: ${message ?? String(error)}.`;
  return `The ledger ${file} ${known}.`;
}
