/** From what a policy writes of one target, its server and the profile to the contract and the rules of that target. */
import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { didYouMean } from '../../document/nearest.ts';
import type { Contract, Effect } from '../../domain/contract.ts';
import { type Reach, WORST_LABELS } from '../../domain/label.ts';
import type { Lock } from '../../domain/lock.ts';
import type { Flow } from '../../domain/policy.ts';
import { isProduction } from '../../domain/production.ts';
import { worstEffect } from '../judge/effects.ts';
import { flowsTo, labelSlip } from '../judge/flows.ts';
import { NO_RULES, type Rules } from '../judge/rules.ts';
import { type SpendClasses, saysClasses } from './budgets.ts';
import type { KnownServers } from './servers.ts';
import type { TargetPart } from './target-shape.ts';

/** What every target of a policy stands in. */
export interface Setting {
  /** The policy's own file. */
  readonly file: string;
  readonly lock: Lock | undefined;
  readonly servers: KnownServers;
  readonly flows: readonly Flow[];
  readonly classes: SpendClasses | undefined;
  /** Effects of tools that the agent must give a reason for. */
  readonly reasons: readonly Effect[];
  /** The whole profile only observes. */
  readonly observes: boolean;
}

const DEFAULT_TIMEOUT = 60_000;

type Identity = Pick<Contract, 'kind' | 'server' | 'name' | 'effect' | 'can' | 'cannot' | 'visible'>;
type Said = Partial<Pick<Rules, 'arguments' | 'cases' | 'approval' | 'history' | 'output' | 'shows'>>;

/** What is unsaid is the server's default, and else the worst. */
export function contractOf(identity: Identity, said: Said, part: TargetPart, { servers }: Setting): Contract {
  const defaults = servers.get(identity.server)?.defaults ?? {};
  const { charges, spend, timeout, labels, scopes = [], sends_to: sendsTo } = part;
  const worst = worstEffect(identity, { cases: said.cases });
  return {
    ...identity,
    charges: { ...charges, ...(spend?.amount === undefined ? {} : { spend: spend.amount }) },
    spendFrom: spend?.from,
    spendClass: spend?.class,
    labels: labels ?? defaults.labels ?? WORST_LABELS,
    sendsTo: sendsTo ?? unsaidReach(worst, defaults.sends_to),
    scopes: scopes.toSorted(),
    timeout: timeout ?? defaults.timeout ?? DEFAULT_TIMEOUT,
  };
}

/** A draft stays inside: what a server's other tools send does not make it leave. */
const unsaidReach = (worst: Effect, reach: Reach = 'external'): Reach =>
  worst === 'draft' && reach === 'external' ? 'internal' : reach;

export function rulesOf(contract: Contract, said: Said, setting: Setting): Rules {
  const { flows, classes, reasons, servers, observes } = setting;
  const { kind, effect, visible, sendsTo, spendClass } = contract;
  const effects = [effect, ...(said.cases ?? []).map((one) => one.effect ?? effect)];
  const tooDear =
    classes !== undefined &&
    spendClass !== undefined &&
    classes.classes.indexOf(spendClass) > classes.classes.indexOf(classes.most);
  return {
    ...NO_RULES,
    ...said,
    flows: flowsTo(sendsTo, flows),
    asksReason: kind === 'tool' && visible && effects.some((one) => reasons.includes(one)),
    aboveClass: tooDear ? classes.most : undefined,
    production: isProduction(servers.get(contract.server)?.address),
    observes,
  };
}

/** What is wrong with a target that only the rest of the file shows. */
export function tellStrangers(
  document: YamlDocument,
  path: Path,
  part: TargetPart,
  { classes, flows }: Setting,
  found: Problem[],
): void {
  const spendClass = part.spend?.class;
  const known = classes?.classes ?? [];
  if (spendClass !== undefined && !known.includes(spendClass) && (classes !== undefined || !saysClasses(document))) {
    const hint =
      known.length === 0
        ? '; budgets.session.spend has no "classes" and "max_class"'
        : didYouMean(spendClass, known) || `; expected one of ${known.join(', ')}`;
    found.push(document.problem([...path, 'spend', 'class'], `there is no class "${spendClass}"${hint}`));
  }
  tellLabelSlips(document, path, part.labels, flows, found);
}

export function tellLabelSlips(
  document: YamlDocument,
  path: Path,
  labels: readonly string[] | undefined,
  flows: readonly Flow[],
  found: Problem[],
): void {
  for (const label of labels ?? []) {
    const slip = labelSlip(label, flows);
    if (slip !== undefined) found.push(document.problem([...path, 'labels'], slip));
  }
}
