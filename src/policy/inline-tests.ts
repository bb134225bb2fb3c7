/** The tests that a policy carries: each is a call, and what must be said of it. Run at every load. */

import { didYouMean } from '../document/nearest.ts';
import type { TargetPolicy } from '../domain/policy.ts';
import type { TestPart } from './policy-shape.ts';

/** What is wrong with a test or with the policy, and at which key of the test; undefined where it passes. */
export function failureOf(
  test: TestPart,
  tools: ReadonlyMap<string, TargetPolicy>,
): { readonly key: 'call' | 'expect' | 'rule'; readonly message: string } | undefined {
  const tool = tools.get(test.call);
  // A misspelt tool is denied like any that is not listed: such a test would pass and show nothing.
  if (tool === undefined && test.rule !== 'tools') {
    const hint = didYouMean(test.call, tools.keys());
    return {
      key: 'call',
      message: `"${test.call}" is not in tools${hint}${hint === '' ? '. ' : ' '}To test that it is denied, write "rule: tools"`,
    };
  }
  const judgement = tool?.judge(test.arguments ?? {}, { labels: [], dir: '/' }) ?? {
    verdict: 'deny' as const,
    rules: ['tools'],
  };
  const held = judgement.verdict === 'allow' && judgement.needs.length > 0;
  const verdict = held ? 'hold' : judgement.verdict;
  const by = judgement.rules.join(', ');
  if (verdict !== test.expect) {
    return {
      key: 'expect',
      message: `the test "${test.name}" fails: expected ${test.expect}, came out ${verdict} by ${by}`,
    };
  }
  const { rule } = test;
  if (rule === undefined || judgement.rules.some((one) => one === rule || one.endsWith(`.cases.${rule}`)))
    return undefined;
  return {
    key: 'rule',
    message: `the test "${test.name}" fails: ${verdict} as expected, but by ${by}, not by ${rule}${didYouMean(rule, judgement.rules)}`,
  };
}
