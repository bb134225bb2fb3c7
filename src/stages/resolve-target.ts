import type { InSession, Resolved, Stage } from '../domain/call.ts';
import { canonical, deepFreeze, type JsonObject, sha256 } from '../domain/json.ts';
import { CONTINUE } from '../domain/names.ts';
import type { Profile } from '../domain/policy.ts';
import type { Downstream, Ledger, Now } from '../domain/ports.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { inputOf } from '../policy/schema.ts';

/** `server.tool` by the names that agents use, for a profile. */
export type NamesOf = (profile: Profile) => ReadonlyMap<string, string>;

/** What is called: contract, pin, and the effective arguments, made once and frozen. */
export const resolveTarget =
  (ledger: Ledger, downstream: Downstream, names: NamesOf, now: Now): Stage<InSession, Resolved> =>
  async (call) => {
    const asked = call.target === CONTINUE ? await continued(call, ledger, now()) : named(call, names);
    if (!asked.ok) return asked;
    const { target, given } = asked.value;
    const tool = call.profile.tools.get(target);
    if (tool === undefined) return refuse({ reason: 'target_unknown', target: call.target });
    const { contract } = tool;
    const definitions = await downstream.definitions(contract.server);
    if (!definitions.ok) return refuse({ reason: 'server_unavailable', ...definitions.error });
    const definition = definitions.value.find((one) => one.tool === contract.name);
    if (definition === undefined) return refuse({ reason: 'target_unknown', target: call.target });
    if (downstream.changed(definition)) return refuse({ reason: 'tool_changed', target });
    const input = inputOf(definition)(given);
    if (!input.ok) return refuse({ reason: 'invalid_arguments', problems: input.error });
    const effective = deepFreeze(input.value);
    const text = canonical(effective);
    return ok({ ...call, tool, contract, definition, effective, canonical: text, digest: sha256(text) });
  };

type Asked = { readonly target: string; readonly given: JsonObject };

function named(call: InSession, names: NamesOf): Result<Asked, Refusal> {
  const target = names(call.profile).get(call.target);
  return target === undefined
    ? refuse({ reason: 'target_unknown', target: call.target })
    : ok({ target, given: call.arguments });
}

/** `tollgate__continue {hold}` presents the arguments that the hold keeps; a call that ran already is its own answer. */
async function continued(call: InSession, ledger: Ledger, at: number): Promise<Result<Asked, Refusal>> {
  const id = call.arguments['hold'];
  const hold = typeof id === 'string' ? await ledger.hold(id, at) : undefined;
  if (hold === undefined || hold.session !== call.session.id) {
    return refuse({ reason: 'invalid_arguments', problems: ['`hold` must be the id of a hold of this session'] });
  }
  if (hold.usedBy !== undefined) return refuse({ reason: 'repeated', call: hold.usedBy, textOnly: true });
  return ok({ target: hold.target, given: hold.effective });
}
