/** The rules of a learned tool's arguments: those that it had, narrowed by what was seen. */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { withFormats } from '../formats/format-shape.ts';
import { SESSION_DIR } from '../formats/path.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';
import { type Inferred, infer } from './infer.ts';

interface LearnedRules {
  readonly rules: JsonObject;
  /** What was inferred, by argument. */
  readonly inferred: ReadonlyMap<string, Inferred>;
}

export function learnedRules(written: JsonObject, calls: readonly RecordedCall[], infers: boolean): LearnedRules {
  const values = new Map<string, JsonValue[]>();
  for (const call of calls) {
    for (const [name, value] of Object.entries(call.arguments ?? {})) {
      if (value !== undefined) values.set(name, [...(values.get(name) ?? []), value]);
    }
  }
  const inferred = new Map<string, Inferred>();
  const rules: Record<string, JsonValue | undefined> = {};
  for (const [name, rule] of Object.entries(written)) rules[name] = isObject(rule) ? withFormats(rule) : rule;
  for (const [name, seen] of infers ? values : []) {
    const found = infer(name, seen);
    if (found === undefined) continue;
    inferred.set(name, found);
    const own = rules[name];
    rules[name] = joined(isObject(own) ? own : {}, inSession(found.rule));
  }
  return { rules, inferred };
}

/** Folders of the session, by the name that they have in every session. */
export const inSession = (rule: JsonObject): JsonObject =>
  JSON.parse(JSON.stringify(rule).replaceAll(/"\/session(?=["/])/g, `"${SESSION_DIR}`)) as JsonObject;

/** Both rules in one: of two bounds the tighter, of two others the one that was there. */
function joined(own: JsonObject, found: JsonObject): JsonObject {
  const both: Record<string, JsonValue | undefined> = { ...found, ...own };
  for (const [keyword, operand] of Object.entries(found)) {
    const said = own[keyword];
    if (typeof operand !== 'number' || typeof said !== 'number') continue;
    both[keyword] = /^(?:max|exclusiveMax)/.test(keyword) ? Math.min(said, operand) : Math.max(said, operand);
  }
  return both;
}
