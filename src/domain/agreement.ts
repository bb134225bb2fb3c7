/** Who may answer a hold, and whether enough people have: judged where somebody answers, and again by `commit`. */
import type { Decision, Hold } from './hold.ts';
import type { Known } from './person.ts';
import type { Need } from './policy.ts';
import type { Approvers } from './ports.ts';
import type { Caller } from './principal.ts';
import { isNamed, type Named, type Right } from './role.ts';
import type { Terms } from './terms.ts';
import { approversWords } from './terms-words.ts';

/** A person, and the groups of its issuer that it is in. */
interface Answerer {
  readonly known: Pick<Known, 'issuer' | 'subject'>;
  readonly groups: readonly string[];
}

export const answererOf = ({ principal, groups }: Pick<Caller, 'principal' | 'groups'>): Answerer => ({
  known: principal,
  groups,
});

/** Whether an entry of each list names the person. */
const isApprover = ({ approvers }: Pick<Terms, 'approvers'>, answerer: Answerer): boolean =>
  approvers.every((list) => list.some((one) => names(one, answerer)));

const names = (one: Named, { known, groups }: Answerer): boolean => isNamed(one, { principal: known, groups });

/**
 * Those groups that the approvers name and the person is in: what is signed with an answer, since only a login can tell it, and
 * `commit` sees none. Undefined where no group matters.
 */
export function groupsSigned({ approvers }: Pick<Terms, 'approvers'>, answerer: Answerer): Decision['groups'] {
  const named = approvers.flat().filter((one) => one.kind === 'group' && names(one, answerer));
  return named.length === 0 ? undefined : [...new Set(named.map(({ name }) => name))].sort();
}

/** Why this person may not answer, in one sentence; undefined where it may. Whether it is the asker is judged beside this. */
export function notApprover({ terms }: Pick<Hold, 'terms'>, answerer: Answerer): string | undefined {
  if (isApprover(terms, answerer)) return undefined;
  return `Only ${approversWords(terms).join(', who is also ')} may answer this call.`;
}

/** A budget is the operator's to extend, everything else the approver's to answer; a hold may ask for both. */
export const rightsAsked = (needs: readonly Pick<Need, 'kind'>[]): readonly Right[] => [
  ...new Set(needs.map(({ kind }): Right => (kind === 'budget' ? 'extend budgets' : 'answer holds'))),
];

/** What stands of the approvals of a hold. */
interface Agreed {
  /** People, each counted once. */
  readonly people: number;
  /** The first reason why an answer does not count. */
  readonly why: string | undefined;
}

/**
 * How many people stand behind this very call by now: enrolled, proven, none of them who asks, each named by the approvers.
 * `hold` with the terms of the call as it is judged now.
 */
export function agreed(
  instance: string,
  hold: Pick<Hold, 'id' | 'binding' | 'principal' | 'terms' | 'decisions'>,
  approvers: Approvers,
): Agreed {
  const people = new Set<string>();
  let why: string | undefined;
  for (const decision of hold.decisions) {
    const known = approvers.personOf(decision.by);
    const problem =
      known === undefined || decision.verdict !== 'approve' || !approvers.verify(instance, hold, decision)
        ? 'its approval was not signed by a known person'
        : isApprover(hold.terms, { known, groups: decision.groups ?? [] })
          ? undefined
          : 'its approval is of somebody who may not give it';
    if (problem === undefined && known !== undefined) people.add(JSON.stringify([known.issuer, known.subject]));
    why ??= problem;
  }
  return { people: people.size, why };
}

/** How far a hold has come; undefined where one answer is all it takes. */
export const approvedWords = ({ terms, decisions }: Pick<Hold, 'terms' | 'decisions'>): string | undefined =>
  terms.quorum === 1
    ? undefined
    : `${decisions.filter(({ verdict }) => verdict === 'approve').length} of ${terms.quorum} have approved`;
