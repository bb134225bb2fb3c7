/**
 * Loaded into a server's process before its own code: right before it renames a file, a second process of the same server
 * starts on the same folder, does what it does at every start, and ends.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const real = fs.renameSync;

fs.renameSync = (from, to) => {
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { input: '' });
  if (status !== 0) throw new Error(`the second process failed (${status})`);
  real(from, to);
};
syncBuiltinESMExports();
