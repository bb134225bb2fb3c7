/** What the rules of a target ask of a call, in sentences for the agent to read. */
import type { Contract } from '../../domain/contract.ts';
import { showsWords } from '../shows/shows.ts';
import { quoted, ruleWords } from './rule-words.ts';
import type { Case, Rules } from './rules.ts';

/** Those that are enforced: a rule on trial asks nothing of the agent. */
export function restrictionsOf(rules: Rules, { spendClass }: Pick<Contract, 'spendClass'>): readonly string[] {
  return [
    ...(rules.aboveClass === undefined
      ? []
      : [`Denied: it spends in the class ${spendClass}, and this session may spend in ${rules.aboveClass} at most.`]),
    ...Object.entries(rules.arguments).map(([name, rule]) => `${quoted(name)} must be ${ruleWords(rule)}.`),
    ...(rules.cases === undefined ? approvalWords(rules) : caseWords(rules, rules.cases)),
    ...(rules.shows === undefined ? [] : [showsWords(rules.shows)]),
    ...rules.history.filter((one) => !one.observes).map((one) => one.words),
    ...rules.flows.filter((one) => !one.observes).map(flowWords),
  ];
}

/** Asked whatever else the policy tries out. */
export const productionWords = ({ production }: Rules, { server }: Pick<Contract, 'server'>): readonly string[] =>
  production ? [`A person must approve the first call of a session that reaches ${server}, which is production.`] : [];

const approvalWords = ({ approval }: Rules): readonly string[] =>
  approval === undefined ? [] : [`A person must approve every call${because(approval.reason)}`];

function caseWords(rules: Rules, cases: readonly Case[]): readonly string[] {
  const enforced = cases.filter((one) => one.observes !== true);
  const said = enforced.map((one) => {
    const when = `${whenWords(one)}${effectWords(one)}`;
    if (one.then === 'allow') return `Allowed ${when}${because(one.reason)}`;
    if (one.then === 'deny') return `Denied ${when}${because(one.reason)}`;
    return `A person must approve the call ${when}${because(one.reason ?? one.approval?.reason ?? rules.approval?.reason)}`;
  });
  return [...said, 'Where several of these apply, the strictest does. Anything else is denied.'];
}

const effectWords = ({ effect }: Case): string => (effect === undefined ? '' : ` (effect: ${effect})`);

/** When a case applies: `when \`refund\` is > 50 or not given`. */
export function whenWords(one: Case): string {
  const absent = one.then === 'allow' ? '' : ' or not given';
  const parts = Object.entries(one.when).map(([name, rule]) => `${quoted(name)} is ${ruleWords(rule)}${absent}`);
  return parts.length === 0 ? 'in every case' : `when ${parts.join(', and ')}`;
}

const flowWords = ({ labels, verdict, reason }: Rules['flows'][number]): string =>
  `${verdict === 'deny' ? 'Denied' : 'A person must approve the call'} once this session has touched ${labels.join(' and ')} data${because(reason)}`;

const because = (reason: string | undefined): string =>
  reason === undefined ? '.' : `: ${reason.replace(/\.$/, '')}.`;
