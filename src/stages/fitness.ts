/** Whether a profile can be served: its local servers start, and its rules fit what the servers say of themselves. */
import type { Definition } from '../domain/contract.ts';
import { isOfSubject } from '../domain/credential-form.ts';
import type { Downstream, Unavailable } from '../domain/downstream.ts';
import { credentialOf, type Profile } from '../domain/policy.ts';
import { ok, type Result } from '../domain/result.ts';
import { misfitsOf } from '../policy/judge/misfits.ts';

export interface Unfit {
  readonly kind: 'policy' | 'server';
  /** Lines for a person. */
  readonly problems: readonly string[];
}

/**
 * Undefined where it fits. A server on the network may be away for a while: what it has is not there until it is back. With
 * a lock the rules must fit what was accepted; where a server is not that any more its tools are out, and it is told as the
 * lists are read.
 */
export async function unfitness(
  profile: Profile,
  downstream: Downstream,
  report: (line: string) => void,
): Promise<Unfit | undefined> {
  const problems: string[] = [];
  for (const [server, address] of profile.servers) {
    const definitions = await definitionsOf(server, downstream);
    if (!definitions.ok && address.kind === 'stdio')
      return { kind: 'server', problems: [`${server}: ${definitions.error.why}`] };
    const locked = profile.lock && (profile.lock.servers.get(server)?.definitions ?? []);
    const isOfCallers = isOfSubject(credentialOf(address));
    if (!definitions.ok && !(isOfCallers && locked !== undefined)) {
      const missing = isOfCallers ? 'listed once one has called it, or from a lock file' : 'missing until it answers';
      report(`${server}: ${definitions.error.why} (its tools are ${missing})`);
      continue;
    }
    problems.push(...misfitsOf(profile, server, locked ?? (definitions.ok ? definitions.value : [])));
  }
  return problems.length === 0
    ? undefined
    : { kind: 'policy', problems: problems.map((problem) => `${profile.file}: ${problem}`) };
}

/** The server's tools and prompts. */
async function definitionsOf(
  server: string,
  downstream: Downstream,
): Promise<Result<readonly Definition[], Unavailable>> {
  const tools = await downstream.definitions(server, 'tool');
  if (!tools.ok) return tools;
  const prompts = await downstream.definitions(server, 'prompt');
  return prompts.ok ? ok([...tools.value, ...prompts.value]) : prompts;
}
