/** The rules of a policy, compiled into tests of values. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import type { JsonObject, JsonValue } from '../../domain/json.ts';
import { FORMAT_KEYWORDS, type RuleContext } from '../formats/format-keywords.ts';
import { CHARACTERS_A_STEP, counted, MOST_STEPS, newAjv, reasonOf, spend, type Work } from './bounded-ajv.ts';
import { mapSubschemas } from './schema-walk.ts';

/** Why a pattern cannot be used, or undefined. */
export function patternTrouble(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern);
    return undefined;
  } catch (error) {
    return `expected a pattern in RE2 syntax: ${reasonOf(error).replace(/^error parsing regexp: /, '')}`;
  }
}

/**
 * A test of a policy's rule. `schema` is what `asSchema` made of it; its patterns mean the whole value. `dir` is the session's
 * folder. A value that takes too much work to judge (a million steps; text and lists with `uniqueItems` cost by their size)
 * is answered with `otherwise`: what counts against the call.
 */
export function ruleTest(schema: JsonObject, otherwise = false): (value: JsonValue, dir: string) => boolean {
  const work: Work = { left: MOST_STEPS };
  const whole = (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    const test = (text: string) => {
      spend(work, text.length / CHARACTERS_A_STEP);
      return compiled.testExact(text);
    };
    return { test, toString: () => pattern };
  };
  const ajv = newAjv(Ajv2020, whole, work, { passContext: true });
  for (const keyword of FORMAT_KEYWORDS) ajv.addKeyword(keyword);
  const validate = ajv.compile(mapSubschemas(schema, counted));
  return (value, dir) => {
    work.left = MOST_STEPS;
    try {
      return validate.call({ dir } satisfies RuleContext, value);
    } catch (error) {
      if (error instanceof RangeError) return otherwise;
      throw error;
    }
  };
}
