/**
 * The cases of one target, and the approval that goes with them. Which calls match a case depends on its verdict, too (what is
 * unsure matches a denial and no permission), so cases stay as they are, or become denials; denials may be added, and
 * permissions taken away.
 */
import { EFFECTS } from '../../domain/contract.ts';
import type { Terms } from '../../domain/terms.ts';
import type { Case, WrittenRules } from '../judge/rules.ts';
import { isFinal } from './final.ts';
import { termsWidenings } from './terms-widenings.ts';
import { at, changed, isSame, NARROWER, type Widening, wider } from './widening.ts';

export function caseWidenings(old: WrittenRules, next: WrittenRules): readonly Widening[] {
  if (next.cases === undefined) {
    if (old.cases !== undefined) return wider('cases', 'dropped');
    return approvalWidenings(old, next);
  }
  if (old.cases === undefined) {
    if (old.approval !== undefined && !onlyObserves(old))
      return wider('cases', 'not every call needs an approval any more');
    return at(
      'cases',
      next.cases.flatMap((one) => milderEffect(one, old)),
    );
  }
  const before = new Map(old.cases.map((one) => [one.id, one]));
  const after = new Set(next.cases.map((one) => one.id));
  const found = [
    ...next.cases.flatMap((one) => changeOf(before.get(one.id), one, next.observes && isFinal(old))),
    ...old.cases
      .filter(({ id }) => !after.has(id))
      .flatMap((one) => removalOf(one, [...(old.cases ?? []), ...(next.cases ?? [])])),
  ];
  return [...at('cases', found), ...at('cases', askedLess(old, next))];
}

const onlyObserves = (rules: WrittenRules): boolean => rules.observes && !isFinal(rules);

const deniesAll = (one: Case): boolean => one.then === 'deny' && one.observes !== true;

/**
 * `onTrial`: the profile only observes, but for what cannot be undone. There a denial is one only where its calls have the
 * worst effect, as calls of no case have.
 */
function changeOf(old: Case | undefined, next: Case, onTrial: boolean): readonly Widening[] {
  if (old === undefined) {
    const words =
      next.observes === true ? 'new, and it only observes' : `new: calls that were denied may be ${VERBS[next.then]}`;
    return deniesAll(next) && !onTrial ? NARROWER : wider(next.id, words);
  }
  if (isSame(plain(old), plain(next))) return NARROWER;
  if (isSame(old.when, next.when) && deniesAll(next) && (!onTrial || old.effect === next.effect)) return NARROWER;
  if (!isSame(old.when, next.when)) return wider(next.id, 'it is for other calls than it was');
  if (old.then !== next.then) return at(next.id, changed('then', next.then, old.then));
  return wider(next.id, 'it says something else of the same calls');
}

const VERBS: Readonly<Record<Case['then'], string>> = { allow: 'allowed', hold: 'held', deny: 'denied' };

/** Without an allowing case its calls match fewer cases, or none, which is deny. But of effects the worst counts. */
function removalOf(one: Case, all: readonly Case[]): readonly Widening[] {
  const sayEffects = all.some(({ effect }) => effect !== undefined);
  return one.then === 'allow' && !sayEffects ? NARROWER : wider(one.id, 'dropped');
}

function milderEffect({ id, effect }: Case, { contract }: WrittenRules): readonly Widening[] {
  if (effect === undefined || EFFECTS.indexOf(effect) >= EFFECTS.indexOf(contract.effect)) return NARROWER;
  return at(id, changed('effect', effect, contract.effect));
}

function approvalWidenings(old: WrittenRules, next: WrittenRules): readonly Widening[] {
  if (old.approval === undefined || onlyObserves(old)) return NARROWER;
  if (next.approval === undefined) return wider('approval', 'dropped');
  return termsWidenings(old.approval.terms, next.approval.terms);
}

/** Of cases that held and hold: an approval of its own, or else the target's, asks less than it did. */
const askedLess = (old: WrittenRules, next: WrittenRules): readonly Widening[] =>
  (next.cases ?? []).flatMap((one) => {
    const known = old.cases?.find(({ id }) => id === one.id);
    if (known?.then !== 'hold' || one.then !== 'hold') return NARROWER;
    return at(one.id, termsWidenings(termsOf(known, old), termsOf(one, next)));
  });

const termsOf = (one: Case, { approval }: WrittenRules): Terms | undefined => (one.approval ?? approval)?.terms;

/** What a case is beside its words, and what it asks of an approval. */
const plain = (one: Case): object => ({ ...one, reason: undefined, approval: undefined });
