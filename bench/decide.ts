/**
 * What deciding costs: the part of a call's path that the policy makes long, without the ledger and the wire. A profile of 200
 * tools and 500 rules is loaded from a file, and calls of all its tools are decided one after the other: found by the name
 * that the agent uses, held to the tool's schema, written out and digested, judged.
 *
 * The baseline is the same without the policy: held to the schema, written out and digested.
 */
import type { Definition } from '../src/domain/contract.ts';
import { canonical, deepFreeze, digestOf, type JsonObject, sha256 } from '../src/domain/json.ts';
import { namesOf } from '../src/domain/names.ts';
import { loadPolicy } from '../src/policy/file/load.ts';
import { inputOf } from '../src/policy/schema/schema.ts';
import { policyText, TOOLS } from './decide-policy.ts';

const ROUNDS = 5;
const CALLS = 20_000;
/** The labels of a session that has touched something. */
const LABELS = ['private'];

interface Decided {
  readonly rules: number;
  /** Microseconds a call: the medians of each round. */
  readonly decide: readonly number[];
  readonly baseline: readonly number[];
  /** Of the verdicts, so that nobody measures one branch. */
  readonly verdicts: Readonly<Record<string, number>>;
}

const inputSchema: JsonObject = {
  type: 'object',
  properties: {
    to: { type: 'string', maxLength: 200 },
    amount: { type: 'number', minimum: 0 },
    note: { type: 'string' },
    method: { enum: ['get', 'update', 'delete'] },
  },
  required: ['to', 'amount'],
  additionalProperties: false,
};

const definitionOf = (name: string): Definition => {
  const raw = { name, description: 'Does something.', inputSchema };
  return {
    kind: 'tool',
    server: 'crm',
    name,
    description: raw.description,
    inputSchema,
    outputSchema: undefined,
    raw,
    pin: digestOf(raw),
  };
};

const METHODS = ['get', 'update', 'delete'] as const;

const argumentsOf = (at: number): JsonObject => ({
  to: at % 5 === 0 ? 'eve@evil.example' : `ada${at % 100}@example.com`,
  amount: (at * 37) % 700,
  note: 'Attached are the minutes of the meeting on Monday.',
  method: METHODS[at % 3] ?? 'get',
});

/** Decides `CALLS` calls a round. Throws where the policy does not load. */
export function decide(): Decided {
  const { text, rules } = policyText();
  const loaded = loadPolicy({ file: 'decide.yaml', text });
  if (!loaded.ok) throw new Error(loaded.error.map((problem) => `${problem.line}: ${problem.message}`).join('\n'));
  const profile = loaded.value;
  const names = namesOf(profile);
  if (!names.ok) throw new Error(names.error.join('\n'));
  const { tools } = names.value;
  const definitions = new Map([...profile.tools.keys()].map((target) => [target, definitionOf(target.slice(4))]));
  const verdicts: Record<string, number> = {};

  const presented = (at: number) => {
    const target = tools.get(`crm__tool_${at % TOOLS}`) ?? '';
    const definition = definitions.get(target);
    const policy = profile.tools.get(target);
    if (definition === undefined || policy === undefined) throw new Error(`no tool ${target}`);
    return { definition, policy, given: argumentsOf(at) };
  };
  const resolved = (definition: Definition, given: JsonObject): JsonObject => {
    const input = inputOf(definition)(given);
    if (!input.ok) throw new Error(input.error.join('\n'));
    const effective = deepFreeze(input.value);
    sha256(canonical(effective));
    return effective;
  };
  const judged = (at: number): void => {
    const { definition, policy, given } = presented(at);
    const judgement = policy.judge(resolved(definition, given), { labels: LABELS, dir: '/' });
    const verdict = judgement.verdict === 'allow' && judgement.needs.length > 0 ? 'hold' : judgement.verdict;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  };
  const resolvedOnly = (at: number): void => {
    const { definition, given } = presented(at);
    resolved(definition, given);
  };
  timed(judged);
  timed(resolvedOnly);
  const rounds = Array.from({ length: ROUNDS }, () => ({ decide: timed(judged), baseline: timed(resolvedOnly) }));
  return { rules, verdicts, decide: rounds.map((one) => one.decide), baseline: rounds.map((one) => one.baseline) };
}

/** The median of what one call takes, in microseconds. */
function timed(work: (at: number) => void): number {
  const taken = new Float64Array(CALLS);
  for (let at = 0; at < CALLS; at += 1) {
    const begun = process.hrtime.bigint();
    work(at);
    taken[at] = Number(process.hrtime.bigint() - begun) / 1000;
  }
  return taken.sort()[CALLS / 2] ?? 0;
}

/** As lines for a person. */
export function decidedWords({ rules, decide: decided, baseline, verdicts }: Decided): string {
  const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  const ratio = median(decided.map((one, round) => one / (baseline[round] ?? 1)));
  const spoken = Object.entries(verdicts)
    .map(([verdict, count]) => `${count} ${verdict}`)
    .join(', ');
  return [
    `Deciding a call under a policy of ${TOOLS} tools and ${rules} rules, ${ROUNDS} rounds of ${CALLS} calls (${spoken}).`,
    `  decide    ${median(decided).toFixed(1)} us at the median: find, hold to the schema, digest, judge`,
    `  baseline  ${median(baseline).toFixed(1)} us without the judging`,
    `  ratio     ${ratio.toFixed(2)} (median over the rounds)`,
  ].join('\n');
}
