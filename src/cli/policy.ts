/** `tollgate policy check FILE`: everything that is wrong with a policy file, at once. Starts nothing. */
import { resolve } from 'node:path';
import { PolicyBook } from '../policy/book.ts';
import { EXIT, Exit } from './exit.ts';
import { colours } from './terminal.ts';

export async function checkPolicy(file: string): Promise<void> {
  const added = new PolicyBook(new Map()).addFile(resolve(file));
  if (!added.ok) throw new Exit(EXIT.config, added.error);
  const { name, tools, servers } = added.value;
  process.stdout.write(`${colours.green('ok')}  profile ${name}, ${tools.size} tools, ${servers.size} servers\n`);
}
