/** `tollgate policy pin FILE`: writes the lock file where there is none; else shows what an accepted one would change. */
import type { Lock } from '../../domain/lock.ts';
import { count } from '../counts.ts';
import { colours } from '../terminal.ts';
import { type PinOptions, presentLock, readPinned } from './present-lock.ts';
import { tellDifferences } from './tell-differences.ts';
import { writeWhole } from './write-whole.ts';

export async function pinPolicy(file: string, options: PinOptions): Promise<void> {
  const pinned = readPinned(file, options.config);
  const present = await presentLock(pinned, options.yes);
  if (pinned.lock !== undefined) {
    tellDifferences(pinned, present, options.json);
    return;
  }
  writeWhole(pinned.lockFile, present.text);
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
