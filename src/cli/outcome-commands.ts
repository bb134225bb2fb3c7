/** `tollgate outcomes` and `tollgate outcome`. */
import type { Command } from 'commander';
import { runToExit as run } from './exit.ts';

export function outcomeCommands(program: Command): void {
  program
    .command('outcomes')
    .description('calls that were sent and never answered: a person finds out what became of them')
    .option('--all', 'those of which somebody found out, too', false)
    .option('--json', 'as JSON', false)
    .action((options) => run(async () => (await import('./outcomes.ts')).listOutcomes(options)));
  program
    .command('outcome')
    .description('say whether a call was executed, with your passphrase typed at this terminal')
    .argument('<call>', 'its id, such as call_5R')
    .option('--executed', 'it was: nobody sends it again', false)
    .option('--not-executed', 'it was not: it may be made again', false)
    .requiredOption('--why <text>', 'how you found out: the agent is told, and the journal keeps it')
    .action((call, options) => run(async () => (await import('./outcomes.ts')).findOut(call, options)));
}
