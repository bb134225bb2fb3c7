/** One target under two policies: how the second lets more through, key by key. */
import { type Contract, EFFECTS } from '../../domain/contract.ts';
import { REACHES, reachesAsFar } from '../../domain/label.ts';
import type { Flow, TargetPolicy } from '../../domain/policy.ts';
import type { WrittenRules } from '../judge/rules.ts';
import { caseWidenings } from './case-widenings.ts';
import { isFinal } from './final.ts';
import { historyWidenings } from './history-widenings.ts';
import { ruleWidenings } from './rule-widenings.ts';
import { at, changed, isAmong, isSame, NARROWER, type Widening, wider } from './widening.ts';

export function targetWidenings(old: TargetPolicy, next: TargetPolicy): readonly Widening[] {
  const [before, after] = [old, next].map(({ written }) => written as unknown as WrittenRules);
  if (before === undefined || after === undefined) return NARROWER;
  return [
    ...contractWidenings(before.contract, after.contract),
    ...argumentWidenings(before, after),
    ...caseWidenings(before, after),
    ...historyWidenings(before.history, after.history),
    ...at('flows', flowWidenings(before.flows, after.flows, isFinal(before))),
    ...keptWidenings('output', before, after),
    ...keptWidenings('shows', before, after),
    ...(before.aboveClass !== undefined && after.aboveClass === undefined
      ? at('spend', wider('class', 'it was above what a session may spend in'))
      : NARROWER),
    ...(before.asksReason && !after.asksReason ? wider('require_reason', 'dropped') : NARROWER),
    ...(after.observes && !before.observes ? wider('mode', 'observe, was enforce') : NARROWER),
  ];
}

/** Flows of a profile, or those that a target can meet. One that observes refuses nothing, but of a target that is `final`. */
export function flowWidenings(old: readonly Flow[], next: readonly Flow[], final: boolean): readonly Widening[] {
  return old
    .filter((flow) => !flow.observes || final)
    .flatMap((flow) => {
      const other = next.find(({ id }) => id === flow.id);
      if (other === undefined) return wider(flow.id, 'dropped');
      if (other.observes && !flow.observes) return at(flow.id, changed('mode', 'observe', 'enforce'));
      return at(flow.id, [
        ...(isAmong(other.labels, flow.labels) ? NARROWER : changed('labels', other.labels, flow.labels)),
        ...(reachesAsFar(flow.sendsTo, other.sendsTo) ? NARROWER : changed('sends_to', other.sendsTo, flow.sendsTo)),
        ...(flow.verdict === 'deny' && other.verdict !== 'deny'
          ? changed('then', other.verdict, flow.verdict)
          : NARROWER),
      ]);
    });
}

/** What may only rise in an order of words. */
const rising = <T extends string>(key: string, order: readonly T[], old: T, next: T): readonly Widening[] =>
  order.indexOf(next) < order.indexOf(old) ? changed(key, next, old) : NARROWER;

function contractWidenings(old: Contract, next: Contract): readonly Widening[] {
  return [
    ...rising('effect', EFFECTS, old.effect, next.effect),
    ...(isAmong(old.labels, next.labels) ? NARROWER : changed('labels', next.labels, old.labels)),
    ...rising('sends_to', REACHES, old.sendsTo, next.sendsTo),
    // More of them may do more at the server, and fewer ask less of the caller.
    ...(isAmong(old.scopes, next.scopes) && isAmong(next.scopes, old.scopes)
      ? NARROWER
      : changed('scopes', next.scopes, old.scopes)),
    ...(next.visible && !old.visible ? wider('visible', 'true, was false') : NARROWER),
    ...(next.timeout > old.timeout ? wider('timeout', `${next.timeout} ms, was ${old.timeout} ms`) : NARROWER),
    ...(old.spendClass === undefined || next.spendClass === old.spendClass
      ? NARROWER
      : at('spend', changed('class', next.spendClass, old.spendClass))),
    ...(next.spendFrom === undefined || isSame(next.spendFrom, old.spendFrom)
      ? NARROWER
      : at('spend', wider('amount', 'the result says what it was, or says it in another place'))),
    ...Object.entries(old.charges).flatMap(([kind, amount]) =>
      (next.charges[kind] ?? 0) < amount ? at('charges', changed(kind, next.charges[kind], amount)) : NARROWER,
    ),
  ];
}

function argumentWidenings(old: WrittenRules, next: WrittenRules): readonly Widening[] {
  const found = Object.entries(old.arguments).flatMap(([name, rule]) => {
    const other = Object.hasOwn(next.arguments, name) ? next.arguments[name] : undefined;
    return other === undefined ? wider(name, 'its rule was dropped') : at(name, ruleWidenings(rule, other));
  });
  return at('arguments', found);
}

/** What may be added, and then neither changed nor taken out. */
function keptWidenings(key: 'output' | 'shows', old: WrittenRules, next: WrittenRules): readonly Widening[] {
  if (old[key] === undefined || isSame(old[key], next[key])) return NARROWER;
  return next[key] === undefined ? wider(key, 'dropped') : changed(key, next[key], old[key]);
}
