/** Extension: a yes to a budget. The call that uses it raises the session's caps by what the person said, for good. */
import { type Amounts, amountWords, isExtendable, type Overdrawn } from './budget.ts';
import type { Decision, Hold } from './hold.ts';
import type { Need } from './policy.ts';

const RULE = 'budgets.session.';

/** Why a person is asked. In the same words however much more is claimed, so that the hold stays the same one. */
export const budgetNeed = ({ kind, cap }: Overdrawn, currency: string): Need => ({
  kind: 'budget',
  rule: `${RULE}${kind}`,
  reason: `not enough is left of the ${amountWords(kind, cap, currency)} that this session may use`,
});

/** The kinds of budget that a hold asks to be extended. */
export const kindsAsked = ({ needs }: Pick<Hold, 'needs'>): readonly string[] =>
  needs.filter(({ kind }) => kind === 'budget').map(({ rule }) => rule.slice(RULE.length));

/** By how much a budget rises: of each kind as much as everybody agreed to who approved. Undefined where nobody was asked for any. */
export function agreedExtension(decisions: readonly Pick<Decision, 'extend'>[]): Amounts | undefined {
  const [first, ...more] = decisions.map(({ extend }) => extend);
  return (
    first &&
    Object.fromEntries(
      Object.entries(first).map(([kind, most]) => [kind, Math.min(most, ...more.map((one) => one?.[kind] ?? 0))]),
    )
  );
}

/** What is wrong with an answer to what a hold asks for, in one sentence; undefined where nothing is. */
export function extensionProblem(
  hold: Pick<Hold, 'id' | 'needs'>,
  { verdict, extend = {} }: Pick<Decision, 'verdict' | 'extend'>,
): string | undefined {
  const asked = verdict === 'approve' ? kindsAsked(hold) : [];
  const stray = Object.keys(extend).find((kind) => !asked.includes(kind) || !isExtendable(kind));
  if (stray !== undefined) return `The hold ${hold.id} does not ask for more of ${stray}.`;
  const missing = asked.filter((kind) => !Object.hasOwn(extend, kind));
  if (missing.length > 0) return `Say how much more: tollgate approve ${hold.id} ${optionsFor(asked)}.`;
  const odd = Object.entries(extend).find(([, amount]) => !Number.isSafeInteger(amount) || amount < 1);
  return odd && `A budget is extended by more than nothing: ${odd[0]} cannot be by ${odd[1]}.`;
}

const EXAMPLES: Readonly<Record<string, string>> = { runtime: '30m', spend: '2.50' };

const optionsFor = (kinds: readonly string[]): string =>
  kinds.map((kind) => `--extend ${kinds.length > 1 ? `${kind}=` : ''}${EXAMPLES[kind] ?? '50'}`).join(' ');
