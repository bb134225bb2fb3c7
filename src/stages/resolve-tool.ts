import type { InSession } from '../domain/call.ts';
import { type Definition, isTool } from '../domain/contract.ts';
import type { Hold } from '../domain/hold.ts';
import type { JsonObject } from '../domain/json.ts';
import { CONTINUE } from '../domain/names.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { takeReason } from '../policy/judge/agent-reason.ts';
import { inputOf } from '../policy/schema/schema.ts';
import { type MirroredArgument, mirroredArguments, mirrorFault } from '../wire/mirrored-arguments.ts';
import { type Find, type Finding, pinned } from './target.ts';

/** A tool by the name that agents use, or the one that a hold keeps. */
export const resolveTool: Find = async (call, finding) => {
  const asked = call.target === CONTINUE ? await continued(call, finding) : named(call, finding);
  if (!asked.ok) return asked;
  const { target } = asked.value;
  const found = await pinned(call, call.profile.tools.get(target), 'tool', finding);
  if (!found.ok) return found;
  const { policy, definition } = found.value;
  // A hold keeps its arguments without the reason, and the reason beside them.
  const isOwn = call.target !== CONTINUE;
  const taken = isOwn && policy.asksReason ? takeReason(asked.value.given) : ok(asked.value);
  if (!taken.ok) return refuse({ reason: 'invalid_arguments', problems: [taken.error] });
  const { given, reason } = taken.value;
  // Headers repeat what the agent gives: a hold's own arguments came without any.
  const mismatch = isOwn && call.mirrored && mirrorFault(marksOf(definition), call.mirrored, given);
  if (typeof mismatch === 'string') return refuse({ reason: 'header_mismatch', why: mismatch });
  const input = inputOf(definition)(given);
  if (!input.ok) return refuse({ reason: 'invalid_arguments', problems: input.error });
  return ok({ policy, contract: policy.contract, definition, effective: input.value, agentReason: reason });
};

/** Schemas are read once; one whose marks are not valid never came to be a definition. */
const marks = new WeakMap<Definition, readonly MirroredArgument[]>();

function marksOf(definition: Definition): readonly MirroredArgument[] {
  const known = marks.get(definition);
  if (known !== undefined) return known;
  const read = mirroredArguments(definition.inputSchema);
  const found = read.ok ? read.value : [];
  marks.set(definition, found);
  return found;
}

type Asked = { readonly target: string; readonly given: JsonObject; readonly reason: string | undefined };

function named(call: InSession, { names }: Finding): Result<Asked, Refusal> {
  const target = names(call.profile).tools.get(call.target);
  return target === undefined
    ? refuse({ reason: 'target_unknown', target: call.target })
    : ok({ target, given: call.arguments, reason: undefined });
}

/** `tollgate__continue {hold}` presents the arguments that the hold of a tool keeps; a call that ran already is its own answer. */
async function continued(call: InSession, { ledger, now }: Finding): Promise<Result<Asked, Refusal>> {
  const id = call.arguments['hold'];
  const hold = typeof id === 'string' ? await ledger.hold(id, now()) : undefined;
  if (hold === undefined || hold.session !== call.session.id) {
    return refuse({ reason: 'invalid_arguments', problems: ['`hold` must be the id of a hold of this session'] });
  }
  if (!isTool(hold.target)) return notOfTool(hold);
  const last = hold.usedBy.at(-1);
  if (hold.state === 'used' && last !== undefined && !hold.usedBy.includes(call.id))
    return refuse({ reason: 'repeated', call: last, textOnly: true });
  return ok({ target: hold.target, given: hold.effective, reason: hold.agentReason });
}

/** A resource or a prompt is no tool's answer. */
const notOfTool = ({ target }: Hold): Result<never, Refusal> =>
  refuse({
    reason: 'denied',
    rules: [],
    why: `what is held is ${target}, which no tool can give`,
    remedy: 'make that very request again: once it is approved it is answered.',
  });
