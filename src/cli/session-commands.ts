/** `tollgate sessions` and the group `tollgate session`. */
import type { Command } from 'commander';
import { runToExit as run } from './exit.ts';

const VERBS = {
  pause: 'make no call of it from now on',
  resume: 'let it go on after a pause',
  complete: 'end it: what runs for it ends, and what waits for a person is void',
} as const;

export function sessionCommands(program: Command): void {
  program
    .command('sessions')
    .description('the sessions, with what each has used')
    .option('--all', 'those that are over too', false)
    .option('--json', 'as JSON', false)
    .action((options) => run(async () => (await import('./sessions.ts')).listSessions(options)));
  const session = program.command('session').description('one session: open it, show it, change its state');
  session
    .command('new')
    .description('open a session of its own for an agent, and print the URL to give to it')
    .requiredOption('--profile <name>', 'the profile that it works under')
    .option('--task <text>', 'what it is for')
    .option('--instructions <file>', 'what the agent is told')
    .option('--model <name>', 'the model')
    .option('--route <text>', 'how the model is reached')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as JSON', false)
    .action((options) => run(async () => (await import('./new-session.ts')).newSession(options)));
  session
    .command('show')
    .description('what a session is for, and how it stands')
    .argument('<session>', 'its id, such as s_4T')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as JSON', false)
    .action((id, options) => run(async () => (await import('./show-session.ts')).showSession(id, options)));
  for (const verb of ['pause', 'resume', 'complete'] as const) {
    session
      .command(verb)
      .description(VERBS[verb])
      .argument('<session>', 'its id, such as s_4T')
      .requiredOption('--because <reason>', 'kept in its journal')
      .action((id, { because }) => run(async () => (await import('./sessions.ts')).changeSession(verb, id, because)));
  }
  session
    .command('archive')
    .description('export one that is over to the archive, and erase its arguments, results and reasons')
    .argument('<session>', 'its id, such as s_4T')
    .requiredOption('--because <reason>', 'kept in its journal')
    .option('--config <file>', 'the deployment, gateway.yaml, which names the archive')
    .action((id, options) => run(async () => (await import('./archive.ts')).archiveOne(id, options)));
  session
    .command('export')
    .description('a session whole, as JSON lines that can be checked by themselves')
    .argument('<session>', 'its id, such as s_4T')
    .option('--digests', 'leave out arguments, results and reasons: the digests stay', false)
    .option('--out <file>', 'where to write; unsaid is standard output')
    .action((id, options) => run(async () => (await import('./export.ts')).exportOne(id, options)));
}
