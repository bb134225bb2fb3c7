import { ok, refuse } from '../domain/result.ts';
import { inputOf } from '../policy/schema/schema.ts';
import { type Find, pinned } from './target.ts';

/** A prompt by the name that agents use. */
export const resolvePrompt: Find = async (call, finding) => {
  const target = finding.names(call.profile).prompts.get(call.target);
  const policy = target === undefined ? undefined : call.profile.prompts.get(target);
  const found = await pinned(call, policy, 'prompt', finding);
  if (!found.ok) return found;
  const { definition } = found.value;
  const input = inputOf(definition)(call.arguments);
  if (!input.ok) return refuse({ reason: 'invalid_arguments', problems: input.error });
  return ok({ ...found.value, contract: found.value.policy.contract, effective: input.value });
};
