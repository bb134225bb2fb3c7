/** A command as small as can be, in three forms: it asks for a passphrase and prints the answer, or what the terminal is set to, or in red. */
import { execFileSync } from 'node:child_process';
import { askPassphrase, colours } from '../../src/cli/terminal.ts';

const settings = (): string => String(execFileSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'inherit'] })).trim();

if (process.argv[2] === 'colour') {
  console.log(colours.red('stop'));
} else if (process.argv[2] === 'settings') {
  console.log(settings());
  await askPassphrase('Passphrase: ');
  console.log(settings());
} else {
  console.log(JSON.stringify(await askPassphrase('Passphrase: ')));
}
