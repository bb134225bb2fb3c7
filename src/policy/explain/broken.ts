/** Where a value and a rule part: the keyword that is not met, and what the value is. */
import { didYouMean } from '../../document/nearest.ts';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { asSchema, type Rule } from '../judge/rule.ts';
import { keywordWords, quoted, shortened } from '../judge/rule-words.ts';
import type { Case } from '../judge/rules.ts';
import { ruleTest } from '../schema/rule-test.ts';

/** The keywords of a rule that this argument surely or possibly breaks: "`refund` <= 500 (is 900)". */
export function brokenBy(name: string, rule: Rule, value: JsonValue, dir: string): readonly string[] {
  const broken = Object.entries(rule).flatMap(([keyword, operand]) => {
    const test = ruleTest(asSchema({ [keyword]: operand }, { certain: true, complete: false }));
    return test(value, dir) ? [] : [[keyword, operand] as const];
  });
  return broken.map(([keyword, operand]) => {
    const near = keyword === 'enum' && typeof value === 'string' ? didYouMean(value, textsIn(operand)) : '';
    return `${quoted(name)} ${keywordWords(keyword, operand) ?? keyword} (is ${isWords(keyword, value)})${near}`;
  });
}

/** What keeps a case from matching. */
export function caseMisses(one: Case, effective: JsonObject, dir: string): readonly string[] {
  return Object.entries(one.when).flatMap(([name, rule]) => {
    const value = Object.hasOwn(effective, name) ? effective[name] : undefined;
    return value === undefined ? [`${quoted(name)} is not given`] : brokenBy(name, rule, value, dir);
  });
}

const textsIn = (operand: JsonValue | undefined): readonly string[] =>
  Array.isArray(operand) ? operand.filter((one: JsonValue) => typeof one === 'string') : [];

/** Of a length the length, else the value. */
function isWords(keyword: string, value: JsonValue): string {
  if (keyword.endsWith('Length') && typeof value === 'string') return `${[...value].length}`;
  if (keyword.endsWith('Items') && Array.isArray(value)) return `${value.length}`;
  return shortened(JSON.stringify(value));
}
