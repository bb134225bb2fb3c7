/** The tests that a policy carries: each is a call, and what must be said of it. Run at every load. */

import type { Path } from '../document/document.ts';
import { didYouMean } from '../document/nearest.ts';
import { NO_FIELDS, type Past, type PastCall } from '../domain/history.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Profile } from '../domain/policy.ts';
import type { GivenCall } from './history-shape.ts';
import type { TestPart } from './policy-shape.ts';
import { verdictOf } from './verdict.ts';

/** What tests are run against. */
export type Tested = Pick<Profile, 'tools' | 'prompts' | 'resources' | 'recorders'>;

interface Failure {
  /** Within the test. */
  readonly path: Path;
  readonly message: string;
}

/** When the call of a test is made, in milliseconds. Nothing depends on it. */
const NOW = 1_000_000_000_000;

/** What is wrong with a test or with the policy, and at which key of the test; undefined where it passes. */
export function failureOf(test: TestPart, profile: Tested): Failure | undefined {
  // A misspelt tool is denied like any that is not listed: such a test would pass and show nothing.
  if (!profile.tools.has(test.call) && test.rule !== 'tools') {
    const hint = didYouMean(test.call, profile.tools.keys());
    const message = `"${test.call}" is not in tools${hint}${hint === '' ? '. ' : ' '}To test that it is denied, write "rule: tools"`;
    return { path: ['call'], message };
  }
  const calls = test.given?.calls ?? [];
  const unknown = calls.findIndex((one) => !profile.tools.has(one.call));
  if (unknown >= 0) {
    const { call = '' } = calls[unknown] ?? {};
    const message = `"${call}" is not in tools${didYouMean(call, profile.tools.keys())}`;
    return { path: ['given', 'calls', unknown, 'call'], message };
  }
  const { verdict, rules } = verdictOf(profile, test.call, test.arguments ?? {}, {
    labels: test.given?.labels ?? [],
    dir: '/',
    past: pastOf(calls, profile),
    at: NOW,
  });
  const by = rules.join(', ');
  if (verdict !== test.expect) {
    const message = `the test "${test.name}" fails: expected ${test.expect}, came out ${verdict} by ${by}`;
    return { path: ['expect'], message };
  }
  const { rule } = test;
  if (rule === undefined || rules.some((one) => one === rule || one.endsWith(`.cases.${rule}`))) return undefined;
  const message = `the test "${test.name}" fails: ${verdict} as expected, but by ${by}, not by ${rule}${didYouMean(rule, rules)}`;
  return { path: ['rule'], message };
}

/** All are of the one session, the oldest first: where no time is said, each was a moment before the next. */
function pastOf(calls: readonly GivenCall[], { recorders }: Tested): Past {
  const made = calls.map((one, at): PastCall => {
    const recorder = recorders.get(one.call);
    const settledAt = one.in_flight ? undefined : NOW - (one.ago ?? calls.length - at);
    return {
      target: one.call,
      at: settledAt ?? NOW,
      settledAt,
      outcome: one.in_flight ? undefined : (one.outcome ?? 'ok'),
      fields: {
        ...(recorder?.ofCall(one.arguments ?? {}) ?? NO_FIELDS),
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
