import type { Definition } from '../../domain/contract.ts';
import { REASON_ARGUMENT } from '../judge/agent-reason.ts';
import type { Rules } from '../judge/rules.ts';
import { declaredBy } from '../schema/schema-walk.ts';

/** Where what a policy adds to a tool meets what the tool has of its own: one line each. */
export function misfitsOfAdditions(rules: Rules, definition: Definition): readonly string[] {
  const problems: string[] = [];
  if (rules.asksReason && declaredBy(definition.inputSchema).names.has(REASON_ARGUMENT))
    problems.push(`the tool has an argument "${REASON_ARGUMENT}" itself, and the policy asks for one of that name`);
  if (rules.output !== undefined && definition.outputSchema !== undefined) problems.push(`output: ${OWN_OUTPUT}`);
  return problems;
}

export const OWN_OUTPUT = 'the server declares an output schema itself, and results are held to that: take this out';
