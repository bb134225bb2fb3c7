/** A command as small as can be: asks for a passphrase and prints the answer as JSON, or prints a word in red. */
import { askPassphrase, colours } from '../../src/cli/terminal.ts';

if (process.argv[2] === 'colour') console.log(colours.red('stop'));
else console.log(JSON.stringify(await askPassphrase('Passphrase:')));
