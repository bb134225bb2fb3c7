import type { InSession } from '../domain/call.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { hasTemplate } from './accepted.ts';
import { type Find, pinned } from './target.ts';

/** The argument that is being completed: of an allowed prompt, or of a template whose every URI is allowed. */
export const resolveCompletion: Find = async (call, finding) => {
  const given = read(call);
  if (!given.ok) return given;
  if (call.completes === 'resource') {
    // A template that only some patterns meet would complete to names of what is not allowed.
    const policy = call.profile.resources.find((one) => one.covers(call.target, call.dir) === 'all');
    if (policy === undefined || !hasTemplate(call.profile, policy.contract.server, call.target))
      return refuse({ reason: 'target_unknown', target: call.target });
    const effective = { ref: { type: 'ref/resource', uri: call.target }, ...given.value };
    return ok({ policy, contract: { ...policy.contract, name: call.target }, definition: undefined, effective });
  }
  const target = finding.names(call.profile).prompts.get(call.target);
  const policy = target === undefined ? undefined : call.profile.prompts.get(target);
  const found = await pinned(call, policy, 'prompt', finding);
  if (!found.ok) return found;
  const { contract } = found.value.policy;
  return ok({
    ...found.value,
    contract,
    effective: { ref: { type: 'ref/prompt', name: contract.name }, ...given.value },
  });
};

function read(call: InSession): Result<JsonObject, Refusal> {
  const { argument, context } = call.arguments;
  const problem = (text: string) => refuse({ reason: 'invalid_arguments' as const, problems: [text] });
  if (!isObject(argument) || typeof argument['name'] !== 'string' || typeof argument['value'] !== 'string')
    return problem('`argument` must have a name and a value that are text');
  const { name, value } = argument;
  if (context === undefined) return ok({ argument: { name, value } });
  const chosen = isObject(context) ? (context['arguments'] ?? {}) : undefined;
  if (!isObject(chosen) || !Object.values(chosen).every((one) => typeof one === 'string'))
    return problem('`context.arguments` must hold text only');
  return ok({ argument: { name, value }, context: { arguments: chosen } });
}
