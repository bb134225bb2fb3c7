import type { Resolved } from '../domain/call.ts';
import type { Need } from '../domain/policy.ts';
import { productionAsked } from '../domain/production.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

/**
 * What a person must agree to. What completes or watches is not what was read, and a person is asked when it is read; but it
 * sends all the same, to a server that is reached for it, and nobody can hold it: where a flow or production would, it is
 * denied. So is what is read for a person, who waits for it. A later round is of a call that was approved, or needed no approval, when it was committed.
 */
export function needsOf(
  { operation, round, shownFor }: Pick<Resolved, 'operation' | 'round' | 'shownFor'>,
  needs: readonly Need[],
): Result<readonly Need[], Refusal> {
  if (round !== undefined) return ok([]);
  const looks = operation === 'completion/complete' || operation === 'resources/subscribe';
  if (!looks && shownFor === undefined) return ok(needs);
  const standing = looks ? needs.filter(({ kind }) => kind === 'flow' || kind === 'production') : needs;
  if (standing.length === 0) return ok([]);
  const rules = standing.map(({ rule }) => rule);
  const remedy = standing.every(({ kind }) => kind === 'production') ? ASK_FIRST : undefined;
  return refuse({ reason: 'denied', rules, why: standing.map(whyOf).join('; '), remedy });
}

const ASK_FIRST =
  'Call a tool of that server, read a resource of it or get a prompt: such a call can wait for a person.';

function whyOf(need: Need): string {
  const [server] = productionAsked([need]);
  if (server !== undefined)
    return `${server} is production, no person has agreed yet that this session reaches it, and this cannot wait`;
  return (need.reason ?? 'a person would have to agree to what this sends').replace(/\.$/, '');
}
