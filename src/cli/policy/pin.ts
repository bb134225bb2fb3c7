/** `tollgate policy pin FILE`: writes the lock file where there is none; else shows what an accepted one would change. */
import { renameSync, writeFileSync } from 'node:fs';
import type { Lock } from '../../domain/lock.ts';
import { count } from '../counts.ts';
import { colours } from '../terminal.ts';
import { presentLock, readPinned } from './present-lock.ts';
import { tellDifferences } from './tell-differences.ts';

export async function pinPolicy(file: string, options: { yes: boolean; json: boolean }): Promise<void> {
  const pinned = readPinned(file);
  const present = await presentLock(pinned, options.yes);
  if (pinned.lock !== undefined) {
    tellDifferences(pinned, present, options.json);
    return;
  }
  // Whole or not at all: a gateway may be reading it.
  const unfinished = `${pinned.lockFile}.${process.pid}`;
  writeFileSync(unfinished, present.text, { flag: 'wx' });
  renameSync(unfinished, pinned.lockFile);
  const written = { lock: pinned.lockFile, digest: present.digest, servers: countsOf(present) };
  process.stdout.write(options.json ? `${JSON.stringify(written)}\n` : pinnedWords(pinned.lockFile, present));
}

const countsOf = ({ servers }: Lock): Readonly<Record<string, { readonly tools: number; readonly prompts: number }>> =>
  Object.fromEntries(
    [...servers].map(([name, { definitions }]) => {
      const tools = definitions.filter(({ kind }) => kind === 'tool').length;
      return [name, { tools, prompts: definitions.length - tools }];
    }),
  );

function pinnedWords(file: string, lock: Lock): string {
  const lines = Object.entries(countsOf(lock)).map(
    ([server, { tools, prompts }]) => `    ${server}: ${count(tools, 'tool')}, ${count(prompts, 'prompt')}`,
  );
  return `${[`${colours.green('pinned')}  ${file}`, ...lines, 'Read it, and keep it with the policy.'].join('\n')}\n`;
}
