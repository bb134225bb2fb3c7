/** `tollgate policy check FILE`: everything that is wrong with a policy file, at once. Starts nothing. */
import { resolve } from 'node:path';
import { PolicyBook } from '../../policy/book.ts';
import { observingWords } from '../../policy/observing.ts';
import { count, countsOf } from '../counts.ts';
import { deploymentOf } from '../deployment.ts';
import { EXIT, Exit } from '../exit.ts';
import { colours } from '../terminal.ts';

export async function checkPolicy(file: string, { config }: { readonly config: string | undefined }): Promise<void> {
  const added = new PolicyBook(deploymentOf(config).servers).addFile(resolve(file));
  if (!added.ok) throw new Exit(EXIT.config, added.error);
  const profile = added.value;
  const counts = `${countsOf(profile)}, ${count(profile.servers.size, 'server')}`;
  process.stdout.write(`${colours.green('ok')}  profile ${profile.name}, ${counts}\n`);
  const observing = observingWords(profile);
  if (observing !== undefined) process.stdout.write(`${colours.yellow(observing)}\n`);
}
