/** The tests that a policy carries: each is a call, and what must be said of it. Run at every load. */

import type { Path, Problem, YamlDocument } from '../../document/document.ts';
import { itemsOf, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { NO_FIELDS, type Past, type PastCall } from '../../domain/history.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { Profile } from '../../domain/policy.ts';
import { serverOfRule } from '../../domain/production.ts';
import { SESSION_DIR } from '../formats/path.ts';
import type { GivenCall } from '../history/history-shape.ts';
import { type Given, type Verdict, verdictOf } from '../judge/verdict.ts';
import { inputOf } from '../schema/schema.ts';
import { type TestPart, testShape } from './policy-shape.ts';

/** What tests are run against. */
export type Tested = Pick<Profile, 'tools' | 'prompts' | 'resources' | 'recorders' | 'servers' | 'lock'>;

/** A test, and where it stands. */
export interface Placed {
  readonly path: Path;
  readonly test: TestPart;
}

export function placedTests(document: YamlDocument, found: Problem[]): readonly Placed[] {
  return itemsOf(document, 'tests').flatMap((part, at) => {
    const path = ['tests', at];
    const test = readPart(document, path, part, testShape, found);
    return test === undefined ? [] : [{ path, test }];
  });
}

interface Failure {
  /** Within the test. */
  readonly path: Path;
  readonly message: string;
}

export interface Told {
  /** Undefined where the test names a tool that is not there. */
  readonly verdict: Verdict | undefined;
  /** What is wrong with the test or with the policy, and at which key of the test; undefined where it passes. */
  readonly failure: Failure | undefined;
}

/** When the call of a test is made, in milliseconds. Nothing depends on it. */
const NOW = 1_000_000_000_000;
/** The session's folder in tests: what `${session.dir}` stands for in their arguments. */
const DIR = '/session';

/** Runs one test. */
export function told(test: TestPart, profile: Tested): Told {
  // A misspelt tool is denied like any that is not listed: such a test would pass and show nothing.
  if (!profile.tools.has(test.call) && test.rule !== 'tools') {
    const hint = didYouMean(test.call, profile.tools.keys());
    const message = `"${test.call}" is not in tools${hint}${hint === '' ? '. ' : ' '}To test that it is denied, write "rule: tools"`;
    return { verdict: undefined, failure: { path: ['call'], message } };
  }
  const calls = test.given?.calls ?? [];
  const unknown = calls.findIndex((one) => !profile.tools.has(one.call));
  if (unknown >= 0) {
    const { call = '' } = calls[unknown] ?? {};
    const message = `"${call}" is not in tools${didYouMean(call, profile.tools.keys())}`;
    return { verdict: undefined, failure: { path: ['given', 'calls', unknown, 'call'], message } };
  }
  const { production = [] } = test.given ?? {};
  const stranger = production.findIndex((name) => !profile.servers.has(name));
  if (stranger >= 0) {
    const { [stranger]: name = '' } = production;
    const message = `nothing of a server "${name}" is listed here${didYouMean(name, profile.servers.keys())}`;
    return { verdict: undefined, failure: { path: ['given', 'production', stranger], message } };
  }
  const effective = effectiveIn(profile, test.call, test.arguments ?? {});
  const verdict = verdictOf(profile, test.call, effective, givenOf(test.given ?? {}, profile));
  return { verdict, failure: failureOf(test, verdict) };
}

function failureOf({ name, expect, rule }: TestPart, { verdict, rules }: Verdict): Failure | undefined {
  const by = rules.join(', ');
  if (verdict !== expect) {
    const message = `the test "${name}" fails: expected ${expect}, came out ${verdict} by ${by}${productionHint(rules)}`;
    return { path: ['expect'], message };
  }
  if (rule === undefined || rules.some((one) => one === rule || one.endsWith(`.cases.${rule}`))) return undefined;
  const message = `the test "${name}" fails: ${verdict} as expected, but by ${by}, not by ${rule}${didYouMean(rule, rules)}`;
  return { path: ['rule'], message };
}

/** One policy serves every deployment: what a test says of production holds where there is none, too. */
function productionHint(rules: readonly string[]): string {
  const asked = rules.flatMap((rule) => serverOfRule(rule) ?? []);
  return asked.length === 0
    ? ''
    : `; for a session that a person let reach it, write "given: { production: [${asked.join(', ')}] }"`;
}

/** What the call is judged by: the session's folder filled in, and where the tool is pinned, the defaults of its schema. */
export function effectiveIn({ lock }: Pick<Tested, 'lock'>, target: string, written: JsonObject): JsonObject {
  const effective = Object.fromEntries(Object.entries(written).map(([name, value]) => [name, filled(value ?? null)]));
  const [server = ''] = target.split('.', 1);
  const definition = lock?.servers
    .get(server)
    ?.definitions.find((one) => one.kind === 'tool' && `${server}.${one.name}` === target);
  const checked = definition === undefined ? undefined : inputOf(definition)(effective);
  // What a tool does not take is judged as it is: such a test may say that it is denied.
  return checked?.ok ? checked.value : effective;
}

function filled(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replaceAll(SESSION_DIR, DIR);
  if (Array.isArray(value)) return value.map(filled);
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member ?? null)]))
    : value;
}

/** The circumstances that a test gives: nothing unsaid has happened. */
export const givenOf = (given: NonNullable<TestPart['given']>, profile: Tested): Given => ({
  labels: given.labels ?? [],
  production: given.production ?? [],
  dir: DIR,
  past: pastOf(given.calls ?? [], profile),
  at: NOW,
});

/** All are of the one session, the oldest first: where no time is said, each was a moment before the next. */
function pastOf(calls: readonly GivenCall[], profile: Tested): Past {
  const made = calls.map((one, at): PastCall => {
    const recorder = profile.recorders.get(one.call);
    const settledAt = one.in_flight ? undefined : NOW - (one.ago ?? calls.length - at);
    return {
      target: one.call,
      at: settledAt ?? NOW,
      settledAt,
      outcome: one.in_flight ? undefined : (one.outcome ?? 'ok'),
      fields: {
        ...(recorder?.ofCall(effectiveIn(profile, one.call, one.arguments ?? {})) ?? NO_FIELDS),
        ...(one.output === undefined ? NO_FIELDS : (recorder?.ofResult(resultOf(one.output)) ?? NO_FIELDS)),
      },
    };
  });
  return (_, target) => made.filter((one) => target === undefined || one.target === target);
}

/** A result that says this, whichever way the tool says it. */
const resultOf = (output: JsonObject): JsonObject => ({
  structuredContent: output,
  content: [{ type: 'text', text: JSON.stringify(output) }],
});
