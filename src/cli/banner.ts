/** What a person reads when the gateway has started: where it is, how to point a client at it, and what to try. */
import { resolve } from 'node:path';
import { agentName } from '../domain/names.ts';
import type { Profile, TargetPolicy } from '../domain/policy.ts';
import type { Gateway } from '../gateway.ts';
import type { Home } from '../home.ts';
import { observingWords } from '../policy/file/observing.ts';
import { countsOf } from './counts.ts';
import { colours } from './terminal.ts';

interface Beside {
  /** The file for a client that starts its servers; undefined where none was named. */
  readonly policy: string | undefined;
  /** The servers of production, each with the sessions that may reach it. */
  readonly production: ReadonlyMap<string, readonly string[]>;
}

export function banner(gateway: Gateway, home: Home, { policy, production }: Beside): string {
  const { bold, cyan, dim, yellow } = colours;
  const profiles = [...gateway.profiles.values()];
  const lines = [
    `${bold('Tollgate')} is listening.`,
    '',
    `  MCP endpoint   ${cyan(gateway.url)}`,
    `  token file     ${gateway.tokenFile ?? yellow('none: whoever reaches this address is let in (--anonymous)')}`,
    `  state          ${home.folder}`,
    `  process        ${process.pid}`,
    ...profiles.map((profile) => `  profile        ${bold(profile.name)}  ${countsOf(profile)}  ${dim(profile.file)}`),
    ...[...production].map(([server, sessions]) => `  production     ${bold(server)}  ${openWords(sessions)}`),
    ...profiles.flatMap((profile) => observingWords(profile) ?? []).map((line) => `  ${yellow(line)}`),
    '',
    'Point a client at it:',
    `  claude mcp add --transport http tollgate ${gateway.url}${headerOf(gateway)}`,
    ...(policy === undefined ? [] : shimEntry(policy, home)),
    '',
    'What to try, with the agent and in another terminal (in a checkout, npx tollgate):',
    ...profiles.slice(0, 1).flatMap(firstCalls),
    '  tollgate holds               the calls that wait for you',
    '  tollgate approve HOLD        shows the exact call; the first time you choose a passphrase',
    '  tollgate sessions            what each session has used',
    '  tollgate trace SESSION       what happened in it',
    '',
    'Code that runs as your own user can do all that you can; give Tollgate a user of its own where that matters.',
    'Stop with Ctrl-C. Nothing is forgotten.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

const openWords = (sessions: readonly string[]): string =>
  `each session waits for a person first; ${sessions.length === 0 ? 'none' : sessions.join(', ')} may reach it now`;

const headerOf = ({ tokenFile }: Gateway): string =>
  tokenFile === undefined ? '' : ` --header "Authorization: Bearer $(cat ${tokenFile})"`;

function shimEntry(policy: string, home: Home): readonly string[] {
  const args = [resolve(import.meta.dirname, 'tollgate.mjs'), 'stdio', '--policy', resolve(policy)];
  const env = process.env['TOLLGATE_HOME'] === undefined ? {} : { env: { TOLLGATE_HOME: home.folder } };
  return [
    '',
    'or, for clients that start their servers (Claude Desktop, claude_desktop_config.json):',
    `  ${JSON.stringify({ mcpServers: { tollgate: { command: process.execPath, args, ...env } } })}`,
  ];
}

/** One tool that is simply allowed, and one that waits for a person, where there are such. */
function firstCalls(profile: Profile): readonly string[] {
  const tools = [...profile.tools.values()].filter(({ contract }) => contract.visible);
  const nameOf = ({ contract }: TargetPolicy): string => agentName(profile, contract.server, contract.name);
  const allowed = tools.find((tool) => tool.contract.effect === 'read' && !tool.canHold);
  const held = tools.find((tool) => tool.canHold);
  return [
    ...(allowed === undefined ? [] : [`  ${nameOf(allowed)} is answered at once`]),
    ...(held === undefined ? [] : [`  ${nameOf(held)} waits for a person: you`]),
  ];
}
