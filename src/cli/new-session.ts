/** `tollgate session new`: a session of its own for the agent of this user, which is found by its id alone. */
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Profile } from '../domain/policy.ts';
import type { Ledger } from '../domain/ports.ts';
import { localCaller, nameOf, personCaller } from '../domain/principal.ts';
import { quotaWords } from '../domain/retention.ts';
import { admits } from '../domain/who.ts';
import { homeOf } from '../home.ts';
import { deploymentOf } from './deployment.ts';
import { EXIT, Exit } from './exit.ts';
import { timeOf, withLedger } from './ledger.ts';
import { profileInForce } from './profile-in-force.ts';

export interface NewSessionOptions {
  readonly profile: string;
  readonly task: string | undefined;
  /** A file. */
  readonly instructions: string | undefined;
  readonly model: string | undefined;
  readonly route: string | undefined;
  readonly config: string | undefined;
  readonly json: boolean;
}

/** As many characters as the API takes. */
const LONGEST_INSTRUCTIONS = 60_000;

export async function newSession(options: NewSessionOptions): Promise<void> {
  const instructions = options.instructions === undefined ? undefined : { text: instructionsIn(options.instructions) };
  await withLedger(async (ledger) => {
    const profile = await profileInForce(ledger, options.profile, options.config);
    if (!profile.ok) throw profile.error;
    const id = await open(ledger, profile.value, { ...options, instructions });
    const url = urlOf(id);
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ session: id, url })}\n`
        : `Session ${id} is open under the profile ${profile.value.name}. Its agent works at\n  ${url}\n`,
    );
  }, deploymentOf(options.config).retention.quotas);
}

type Asked = Pick<NewSessionOptions, 'task' | 'model' | 'route'> & {
  readonly instructions: { readonly text: string } | undefined;
};

async function open(ledger: Ledger, profile: Profile, { task, instructions, model, route }: Asked): Promise<string> {
  const user = userInfo().username;
  const agent = localCaller(user);
  if (!admits(profile.who, agent))
    throw new Exit(EXIT.refused, [`policy ${profile.name}: "who" lets in no agent of this machine (local)`]);
  const opened = await ledger.create({
    principal: agent.principal,
    profile: profile.name,
    folder: undefined,
    description: { task, instructions, model, route },
    mostSessions: profile.mostSessions,
    by: nameOf(personCaller(user).principal),
    at: timeOf(ledger),
  });
  if (opened.ok) return opened.value.session.id;
  if ('quota' in opened.error) throw new Exit(EXIT.refused, [`no session is opened: ${quotaWords(opened.error)}`]);
  const { used, cap } = opened.error;
  throw new Exit(EXIT.refused, [
    `${nameOf(agent.principal)} has ${used} of ${cap} live sessions under ${profile.name}: complete one first`,
  ]);
}

function instructionsIn(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (text.length > 0 && text.length <= LONGEST_INSTRUCTIONS) return text;
  throw new Exit(EXIT.usage, [
    `${file} holds ${text.length} characters; instructions have 1 to ${LONGEST_INSTRUCTIONS}`,
  ]);
}

/** At the gateway that ran last; where none has, the path alone. */
function urlOf(id: string): string {
  const { address } = homeOf(process.env);
  return `${existsSync(address) ? readFileSync(address, 'utf8') : '/mcp'}/${id}`;
}
