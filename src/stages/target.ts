/** Finding what a call is for: allow-listed by the policy, accepted by a person, and still as it was then. */
import type { InSession } from '../domain/call.ts';
import { type Contract, type Definition, targetOf } from '../domain/contract.ts';
import type { Credentials } from '../domain/credential.ts';
import type { Downstream } from '../domain/downstream.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Names } from '../domain/names.ts';
import type { Profile, TargetPolicy } from '../domain/policy.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { definitionsFor } from './connected.ts';
import { stopRefusal } from './stopped.ts';

/** The names that agents use, for a profile. */
export type NamesOf = (profile: Profile) => Names;

/** What finding a target takes. */
export interface Finding {
  readonly ledger: Ledger;
  readonly downstream: Downstream;
  readonly credentials: Credentials;
  readonly names: NamesOf;
  readonly now: Now;
}

/** A target as it was found: allow-listed, there, and as it was pinned. */
interface Target {
  readonly policy: TargetPolicy;
  readonly contract: Contract;
  readonly definition: Definition | undefined;
  readonly effective: JsonObject;
  /** Why the agent says it calls, where the policy asks. */
  readonly agentReason?: string | undefined;
}

export type Find = (call: InSession, finding: Finding) => Promise<Result<Target, Refusal>>;

/** The pinned tool or prompt that a policy speaks of. Not accepted is unknown; changed since it was pinned is refused. */
export async function pinned(
  call: InSession,
  policy: TargetPolicy | undefined,
  kind: Definition['kind'],
  { ledger, downstream, credentials }: Pick<Finding, 'ledger' | 'downstream' | 'credentials'>,
): Promise<Result<{ readonly policy: TargetPolicy; readonly definition: Definition }, Refusal>> {
  if (policy === undefined) return refuse({ reason: 'target_unknown', target: call.target });
  const { server, name } = policy.contract;
  const stopped = await stopRefusal(ledger, call, { target: targetOf(policy.contract) });
  if (stopped !== undefined) return refuse(stopped);
  const definitions = await definitionsFor(call, server, kind, { downstream, credentials, ledger });
  if (!definitions.ok) return definitions;
  const { lock } = call.profile;
  const accepted = lock === undefined ? definitions.value : (lock.servers.get(server)?.definitions ?? []);
  const definition = accepted.find((one) => one.kind === kind && one.name === name);
  if (definition === undefined) return refuse({ reason: 'target_unknown', target: call.target });
  if (downstream.changed(definition)) return refuse({ reason: 'tool_changed', target: targetOf(policy.contract) });
  return ok({ policy, definition });
}
