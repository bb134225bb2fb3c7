/** The `tollgate` command: picks a file per command, and loads no more than that. */
import { Command, InvalidArgumentError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { storeOf } from '../config.ts';
import { EXIT, runToExit, SAYS } from './exit.ts';
import { outcomeCommands } from './outcome-commands.ts';
import { sessionCommands } from './session-commands.ts';

export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('tollgate')
    .description(
      'An MCP tool broker: the model decides what should happen next, Tollgate holds the power to make it happen.',
    )
    .version(manifest.version)
    .exitOverride((end) => process.exit(end.exitCode === 0 ? 0 : EXIT.usage))
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .configureHelp({ sortSubcommands: false })
    .addHelpText('after', `\nState lies in ~/.tollgate, or in the folder that TOLLGATE_HOME names.`);

  program
    .command('serve')
    .description('run the gateway: one process owns the ledger and the servers')
    .option('--policy <file...>', 'policy files, one profile each', [])
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--port <number>', 'the port on loopback; 0 takes a free one', port)
    .option('--store <place>', 'where the ledger lies: sqlite:FILE or postgres://...', store)
    .option('--anonymous', 'ask no token on the loopback address', false)
    .option('--json', 'print events as JSON lines', false)
    .option('--until-idle', 'end when no shim has been connected for ten minutes', false)
    .action((options) =>
      run(async () => (await import('./serve.ts')).serve({ ...options, version: manifest.version })),
    );

  program
    .command('stdio')
    .description('speak MCP on standard input and output, as a client starts it; finds the gateway or starts it')
    .requiredOption('--policy <file>', 'the policy file this agent works under')
    .action((options) => run(async () => (await import('./stdio.ts')).stdio(options.policy)));

  program
    .command('holds')
    .description('calls that wait for a person')
    .option('--all', 'those that were answered too', false)
    .option('--json', 'as JSON', false)
    .option(
      '--watch',
      'live: at a terminal to be answered there, else a line (JSON) for each that comes or goes',
      false,
    )
    .action((options) =>
      run(async () =>
        options.watch
          ? (await import('./watch/watch-holds.ts')).watchHolds(options)
          : (await import('./holds.ts')).listHolds(options),
      ),
    );
  program
    .command('approve')
    .description('approve a held call, with your passphrase typed at this terminal')
    .argument('<hold>', 'its id, such as h_7Q')
    .option(
      '--extend <amount>',
      'how much more of a budget it asks for: 50, 2.50, 30m; KIND=AMOUNT where it asks for several',
      (amount: string, before: readonly string[]) => [...before, amount],
      [],
    )
    .action((hold, { extend }) =>
      run(async () =>
        (await import('./holds.ts')).answerHold(hold, { verdict: 'approve', because: undefined }, extend),
      ),
    );
  program
    .command('deny')
    .description('deny a held call, with your passphrase typed at this terminal')
    .argument('<hold>', 'its id, such as h_7Q')
    .requiredOption('--because <reason>', 'what the agent is told')
    .action((hold, options) =>
      run(async () => (await import('./holds.ts')).answerHold(hold, { verdict: 'deny', because: options.because })),
    );

  program
    .command('open')
    .description('print where your browser comes in: a link that works once, or where people sign in')
    .action(() => run(async () => (await import('./open.ts')).openPage()));

  outcomeCommands(program);
  sessionCommands(program);
  program
    .command('stop')
    .description('let nothing of it be called any more, and cancel what is under way, on every replica')
    .option('--all', 'everything')
    .option('--server <name>', 'a server')
    .option('--tool <target>', 'a tool, as policies write it: server.tool')
    .option('--session <id>', 'a session, and those that follow it')
    .option('--principal <name>', 'whoever calls by this name, as tollgate sessions shows it')
    .option('--call <id>', 'one exact call, and the same call made again')
    .requiredOption('--why <text>', 'what the agent is told, and what the journal keeps')
    .action((options) => run(async () => (await import('./stops.ts')).stop(options)));
  program
    .command('stops')
    .description('what is stopped')
    .option('--all', 'what was lifted, too', false)
    .option('--json', 'as JSON', false)
    .action((options) => run(async () => (await import('./stops.ts')).listStops(options)));
  program
    .command('lift')
    .description('let what was stopped be called again')
    .argument('<stop>', 'its id, such as st_3K')
    .requiredOption('--why <text>', 'kept in the journal')
    .action((id, options) => run(async () => (await import('./stops.ts')).lift(id, options)));

  program
    .command('trace')
    .description('what happened in a session, in order')
    .argument('<session>', 'its id, such as s_4T')
    .option('--json', 'as JSON lines', false)
    .action((session, options) => run(async () => (await import('./trace.ts')).traceSession(session, options)));

  const audit = program.command('audit').description('the journal as a proof');
  audit
    .command('verify')
    .description(
      'walk every chain; name the first entry of each that was edited, removed, reordered or cut off, and each answer that was not proven',
    )
    .action(() => run(async () => (await import('./trace.ts')).verifyJournal()));

  program
    .command('backup')
    .description('copy the ledger to a file while the gateway runs, and check the copy')
    .argument('<file>', 'where to; there must be nothing yet')
    .action((file) => run(async () => (await import('./move.ts')).backUpLedger(file)));
  const ledger = program.command('ledger').description('where the ledger lies');
  ledger
    .command('move')
    .description('copy a whole ledger from its file into an empty database, and leave word in the file')
    .requiredOption('--from <place>', 'sqlite:FILE', store)
    .requiredOption('--to <place>', 'postgres://USER:PASSWORD@HOST/DATABASE', store)
    .action((options) => run(async () => (await import('./move.ts')).moveLedger(options)));

  const policy = program.command('policy').description('the policy files');
  policy
    .command('check')
    .description('load a policy file, run its tests, tell every problem and what is doubtful')
    .argument('<file>')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as a JSON list', false)
    .action((file, options) => run(async () => (await import('./policy/check.ts')).checkPolicy(file, options)));
  policy
    .command('test')
    .description('run the tests that a policy carries; ends with 1 where one fails')
    .argument('<file>')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as JSON', false)
    .action((file, options) => run(async () => (await import('./policy/test.ts')).testPolicy(file, options)));
  policy
    .command('explain')
    .description('what a policy says of one call, by which rules, and what would change that')
    .argument('<file>')
    .argument('<target>', 'server.tool, "prompt server.name" or "resource server uri"')
    .argument('<arguments>', 'as JSON')
    .option('--given <json>', 'what has happened before, as in tests: labels and calls')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as JSON', false)
    .action((file, target, given, options) =>
      run(async () => (await import('./policy/explain.ts')).explainCall(file, target, given, options)),
    );
  policy
    .command('replay')
    .description(
      'what a policy would have said of the calls in the journal, where that differs; ends with 1 where it does',
    )
    .argument('<file>')
    .option('--since <duration>', 'calls of the last 7d, 12h, 30m; unsaid is all')
    .option('--session <id...>', 'calls of these sessions only')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as JSON', false)
    .action((file, options) => run(async () => (await import('./policy/replay.ts')).replayJournal(file, options)));
  policy
    .command('learn')
    .description('write the smallest policy that would have allowed what these sessions did, to be edited')
    .argument('<session...>', 'their ids, such as s_4T')
    .option('--name <profile>', 'the name of the profile; unsaid is the one that they ran under')
    .option('--out <file>', 'where to write; unsaid is standard output')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'print the text and what was left out as JSON', false)
    .action((sessions, options) => run(async () => (await import('./policy/learn.ts')).learnFrom(sessions, options)));
  policy
    .command('suggest')
    .description('what people always approved, as a diff of the policy that allows exactly that; changes nothing')
    .argument('<file>')
    .argument('[rule]', 'such as crm.act.approval; unsaid lists those that were always approved')
    .option('--since <duration>', 'approvals this young: 7d, 30d', '30d')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--json', 'as JSON', false)
    .action((file, rule, options) =>
      run(async () => (await import('./policy/suggest.ts')).suggestRule(file, rule, options)),
    );
  policy
    .command('schema')
    .description('print the JSON Schema of policy files, for editors')
    .action(() => run(async () => (await import('./policy/schema.ts')).printSchema()));
  policy
    .command('pin')
    .description('ask the servers of a policy what they are, and write the lock file beside it')
    .argument('<file>')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--yes', 'start and contact them without asking', false)
    .option('--json', 'as JSON', false)
    .action((file, options) => run(async () => (await import('./policy/pin.ts')).pinPolicy(file, options)));
  policy
    .command('diff')
    .description('what the servers say now, against the lock file, in words; ends with 1 where it differs')
    .argument('<file>')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--yes', 'start and contact servers that are not as they were pinned without asking', false)
    .option('--json', 'as JSON', false)
    .action((file, options) => run(async () => (await import('./policy/diff.ts')).diffPolicy(file, options)));
  policy
    .command('install')
    .description('fetch the packages of its servers with npm, and run nothing of them')
    .argument('<file>')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--yes', 'fetch without asking', false)
    .option('--json', 'as JSON lines', false)
    .action((file, options) => run(async () => (await import('./policy/install.ts')).installPackages(file, options)));
  policy
    .command('accept')
    .description('put a policy in force that is wider than the one before, with your passphrase typed at this terminal')
    .argument('<file>')
    .option('--config <file>', 'the deployment, gateway.yaml')
    .option('--pins', 'take what its servers say now, too, and write the lock file', false)
    .option('--yes', 'start and contact servers that are not as they were pinned without asking', false)
    .action((file, options) => run(async () => (await import('./policy/accept.ts')).acceptPolicy(file, options)));

  await program.parseAsync([...argv]);
}

const run = runToExit;

/** Commander's own errors, in the form of all others. */
const oneLine = (text: string): string =>
  `${text
    .trim()
    .replace(/^error: /, SAYS)
    .replaceAll(/\s*\n/g, ' ')}\n`;

function store(text: string): string {
  const parsed = storeOf(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE');
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('It is a whole number from 0 to 65535.');
}
