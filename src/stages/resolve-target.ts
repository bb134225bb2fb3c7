import type { InSession, Resolved, Stage } from '../domain/call.ts';
import { canonical, deepFreeze, sha256 } from '../domain/json.ts';
import type { Operation } from '../domain/operation.ts';
import { ok, refuse } from '../domain/result.ts';
import { resolveCompletion } from './resolve-completion.ts';
import { resolvePrompt } from './resolve-prompt.ts';
import { resolveResource } from './resolve-resource.ts';
import { resolveTool } from './resolve-tool.ts';
import { scopeRefusal } from './scope-refusal.ts';
import type { Find, Finding } from './target.ts';

const FIND: Readonly<Record<Operation, Find>> = {
  'tools/call': resolveTool,
  'prompts/get': resolvePrompt,
  'resources/read': resolveResource,
  'resources/subscribe': resolveResource,
  'completion/complete': resolveCompletion,
};

/** What is called: contract, pin, whether the caller's token is for it, and the effective arguments, made once and frozen. */
export const resolveTarget =
  (finding: Finding): Stage<InSession, Resolved> =>
  async (call) => {
    const target = await FIND[call.operation](call, finding);
    if (!target.ok) return target;
    const narrow = scopeRefusal(call, target.value.contract);
    if (narrow !== undefined) return refuse(narrow);
    const effective = deepFreeze(target.value.effective);
    const text = canonical(effective);
    const { agentReason } = target.value;
    return ok({ ...call, ...target.value, effective, canonical: text, digest: sha256(text), agentReason });
  };
