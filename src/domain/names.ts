/** Names that agents see: `server__tool`, in characters and a length that every client takes. */
import type { Profile } from './policy.ts';
import { ok, type Result, refuse } from './result.ts';

/** Cursor takes 60 with the server's own name, the Messages API 64, Claude Code 128 with its prefix. */
const LONGEST_NAME = 55;

/** Redeems an approved hold: the one tool that is ours. */
export const CONTINUE = 'tollgate__continue';

export const CONTINUE_TOOL = {
  name: CONTINUE,
  description:
    'Runs a call that was HELD, once a person has approved it. Call it when the user tells you to continue. ' +
    'It runs the very call that was approved, once; called again it gives the recorded result.',
  inputSchema: {
    type: 'object',
    properties: { hold: { type: 'string', description: 'The id in the HELD answer, such as h_7Q' } },
    required: ['hold'],
    additionalProperties: false,
  },
} as const;

export const agentName = (profile: Pick<Profile, 'prefixed'>, server: string, name: string): string =>
  profile.prefixed ? `${server}__${name}`.replaceAll(/[^A-Za-z0-9_-]/g, '_') : name;

/** `server.tool` and `server.prompt` by the names that agents use. */
export interface Names {
  readonly tools: ReadonlyMap<string, string>;
  readonly prompts: ReadonlyMap<string, string>;
}

/** The names of one profile; what agents do not see has none, so that it is as unknown as what is not there. Refuses with a line for each name that cannot be. */
export function namesOf(profile: Profile): Result<Names, readonly string[]> {
  const problems: string[] = [];
  const named = (targets: Profile['tools'], taken: string | undefined): ReadonlyMap<string, string> => {
    const byName = new Map<string, string>();
    for (const [target, { contract }] of targets) {
      if (!contract.visible) continue;
      const name = agentName(profile, contract.server, contract.name);
      const other = byName.get(name) ?? (name === taken ? 'a tool of Tollgate' : undefined);
      if (other !== undefined) problems.push(`${target}: agents would see it as ${name}, which is ${other} already`);
      if (name.length > LONGEST_NAME)
        problems.push(`${target}: its name for agents, ${name}, is longer than ${LONGEST_NAME} characters`);
      byName.set(name, target);
    }
    return byName;
  };
  const names = { tools: named(profile.tools, CONTINUE), prompts: named(profile.prompts, undefined) };
  return problems.length === 0 ? ok(names) : refuse(problems);
}
