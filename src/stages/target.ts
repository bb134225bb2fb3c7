/** Finding what a call is for: allow-listed by the policy, accepted by a person, and still as it was then. */
import { askable } from '../domain/abilities.ts';
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
import { authorizing } from './obtain-credential.ts';
import { notConnected, stopRefusal } from './stopped.ts';
import { type Showing, withCredential } from './with-credential.ts';

/** The names that agents use, for a profile. */
export type NamesOf = (profile: Profile) => Names;

/** What finding a target takes. */
export interface Finding {
  readonly ledger: Ledger;
  readonly downstream: Downstream;
  readonly credentials: Pick<Credentials, 'obtain' | 'refused'>;
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
  finding: Omit<Finding, 'names' | 'now'>,
): Promise<Result<{ readonly policy: TargetPolicy; readonly definition: Definition }, Refusal>> {
  if (policy === undefined) return refuse({ reason: 'target_unknown', target: call.target });
  const { server, name } = policy.contract;
  const { ledger, downstream } = finding;
  const stopped = await stopRefusal(ledger, call, { target: targetOf(policy.contract) });
  if (stopped !== undefined) return refuse(stopped);
  const definitions = downstream.needsVia(server, kind)
    ? await definitionsVia(call, policy.contract, kind, finding)
    : await downstream.definitions(server, kind);
  if (!definitions.ok)
    return refuse(
      'reason' in definitions.error ? definitions.error : await notConnected(ledger, call, definitions.error),
    );
  const { lock } = call.profile;
  const accepted = lock === undefined ? definitions.value : (lock.servers.get(server)?.definitions ?? []);
  const definition = accepted.find((one) => one.kind === kind && one.name === name);
  if (definition === undefined) return refuse({ reason: 'target_unknown', target: call.target });
  if (downstream.changed(definition)) return refuse({ reason: 'tool_changed', target: targetOf(policy.contract) });
  return ok({ policy, definition });
}

/** Nobody else can ask the server what it has: the first session that calls it does. */
async function definitionsVia(
  call: InSession,
  target: Contract,
  kind: Definition['kind'],
  { downstream, ...showing }: Showing & Pick<Finding, 'downstream'>,
): Promise<Result<readonly Definition[], Refusal>> {
  const credential = await authorizing(showing.credentials)(call, target);
  if (!credential.ok) return credential;
  const { server } = target;
  const abilities = askable(call.abilities, call.profile.asks.get(server));
  const had = await withCredential(call, target, credential.value, showing, (shown) =>
    downstream.definitions(server, kind, { session: call.session.id, abilities, credential: shown }),
  );
  return had.ok ? ok(had.value.value) : had;
}
