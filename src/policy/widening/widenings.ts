/**
 * Whether a policy is plainly narrower than another, key by key. Nothing found means: whatever the next one allows, the old
 * one allowed, and whatever it holds was held or allowed. The other way round nothing is promised: what cannot be told
 * at a glance counts as wider, and a person looks at it.
 */
import type { Asks } from '../../domain/abilities.ts';
import { REACHES } from '../../domain/label.ts';
import type { Profile, ServerAddress, TargetPolicy } from '../../domain/policy.ts';
import { isProduction } from '../../domain/production.ts';
import type { Life } from '../../domain/session.ts';
import { budgetWidenings } from './budget-widenings.ts';
import { lockWidenings } from './lock-widenings.ts';
import { resourceWidenings } from './resource-widenings.ts';
import { flowWidenings, targetWidenings } from './target-widenings.ts';
import { whoWidenings } from './who-widenings.ts';
import { at, changed, isAmong, isSame, NARROWER, type Widening, wideningText, wider } from './widening.ts';

/** One for every way in which `next` is not plainly narrower than `old`, or equal to it. */
export function widenings(old: Profile, next: Profile): readonly Widening[] {
  return toldOnce([
    ...(next.name === old.name ? NARROWER : changed('profile', next.name, old.name)),
    ...whoWidenings(old.who, next.who),
    ...(next.mode === 'observe' && old.mode !== 'observe' ? changed('mode', next.mode, old.mode) : NARROWER),
    ...(next.prefixed === old.prefixed ? NARROWER : changed('prefix', next.prefixed, old.prefixed)),
    ...serverWidenings(old, next),
    ...at('tools', listWidenings(old.tools, next.tools)),
    ...at('resources', resourceWidenings(old.resources, next.resources)),
    ...at('prompts', listWidenings(old.prompts, next.prompts)),
    ...at('flows', flowWidenings(old.flows, next.flows, false)),
    ...at('budgets', budgetWidenings(old, next)),
    ...at('session', lifeWidenings(old.life, next.life)),
    ...lockWidenings(old.lock, next.lock),
  ]);
}

type Listed = ReadonlyMap<string, TargetPolicy>;

const listWidenings = (old: Listed, next: Listed): readonly Widening[] =>
  [...next].flatMap(([target, policy]) => {
    const known = old.get(target);
    return known === undefined ? wider(target, 'it was not there') : at(target, targetWidenings(known, policy));
  });

/** A flow that is looser everywhere is told once, not for each target that can meet it. */
function toldOnce(found: readonly Widening[]): readonly Widening[] {
  const told = new Set(found.filter(({ path }) => path[0] === 'flows').map(wideningText));
  return found.filter(({ path, words }) => {
    const from = path.indexOf('flows', 1);
    return from === -1 || !told.has(wideningText({ path: path.slice(from), words }));
  });
}

function serverWidenings(old: Profile, next: Profile): readonly Widening[] {
  const answers = (name: string): readonly Widening[] => {
    const [before = 'external', after = 'external'] = [old.answersGo.get(name), next.answersGo.get(name)];
    return REACHES.indexOf(after) < REACHES.indexOf(before) ? changed('sends_to', after, before) : NARROWER;
  };
  const found = [...next.servers].flatMap(([name, address]) => {
    const known = old.servers.get(name);
    if (known === undefined) return wider(name, 'it was not used');
    const reach = isSame(reachOf(known), reachOf(address)) ? NARROWER : wider(name, 'it is reached in another way');
    const serves =
      isProduction(known) && !isProduction(address)
        ? changed('environment', address.environment, known.environment)
        : NARROWER;
    const shared = next.shared.has(name) && !old.shared.has(name) ? wider('shared', 'true, was false') : NARROWER;
    const asked = asksWidenings(old.asks.get(name), next.asks.get(name));
    return [...reach, ...at(name, [...serves, ...shared, ...asked, ...answers(name)])];
  });
  return at('servers', found);
}

/** What a server serves says nothing of how it is reached. */
const reachOf = ({ environment: _, ...reach }: ServerAddress): object => reach;

function asksWidenings(old: Asks | undefined, next: Asks | undefined): readonly Widening[] {
  const [before, after] = [old?.sampling, next?.sampling];
  const found = [
    ...(isAmong(next?.elicitation ?? [], old?.elicitation ?? [])
      ? NARROWER
      : changed('elicitation', next?.elicitation, old?.elicitation)),
    ...(after === undefined || (before !== undefined && after.max <= before.max && after.maxTokens <= before.maxTokens)
      ? NARROWER
      : changed('sampling', after, before)),
    ...(next?.roots === true && old?.roots !== true ? wider('roots', 'true, was false') : NARROWER),
  ];
  return at('asks', found);
}

/** A longer life makes more calls, and so does a budget that is full again sooner. How soon connections close allows nothing. */
function lifeWidenings(old: Life, next: Life): readonly Widening[] {
  const [age, before] = [next.maxAge ?? Number.POSITIVE_INFINITY, old.maxAge ?? Number.POSITIVE_INFINITY];
  const [renew, earlier] = [next.renew ?? Number.POSITIVE_INFINITY, old.renew ?? Number.POSITIVE_INFINITY];
  return [
    ...(age > before ? changed('max_age', next.maxAge, old.maxAge) : NARROWER),
    ...(renew < earlier ? changed('renew', next.renew, old.renew) : NARROWER),
  ];
}
