/** `tollgate policy check FILE`: everything that is wrong with a policy file, at once. Starts nothing. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PolicyBook } from '../policy/book.ts';
import { EXIT, Exit } from './exit.ts';
import { colours } from './terminal.ts';

export async function checkPolicy(file: string): Promise<void> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (fault) {
    throw new Exit(EXIT.config, [
      `${file}: cannot be read (${(fault as NodeJS.ErrnoException).code}): name a policy file`,
    ]);
  }
  const added = new PolicyBook(new Map()).add({ file: resolve(file), text });
  if (!added.ok) throw new Exit(EXIT.config, added.error);
  process.stdout.write(
    `${colours.green('ok')}  profile ${added.value.name}, ${added.value.tools.size} tools, ${added.value.servers.size} servers\n`,
  );
}
