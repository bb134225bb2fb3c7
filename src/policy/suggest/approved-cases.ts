/**
 * The cases that let through what people approved, and hold everything else as before: one that allows, and of the one that
 * held a part for each argument, where that argument is another. A call that the first does not match is held by one of them.
 */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { infer } from '../learn/infer.ts';
import { inSession } from '../learn/rules.ts';

export interface ApprovedCases {
  /** The one that allows first. */
  readonly cases: readonly JsonObject[];
  /** Arguments of which no more is said than how long they may be. */
  readonly anyText: readonly string[];
}

/** What held: a case as the policy writes it, or every call. */
export interface Held {
  readonly case: JsonObject | undefined;
  /** Ids that are taken in this tool. */
  readonly ids: readonly string[];
}

/** `given`: the arguments of each call. Refused with a phrase. */
export function approvedCases(given: readonly JsonObject[], held: Held): Result<ApprovedCases, string> {
  const names = Object.keys(given[0] ?? {}).toSorted();
  const same = given.every((one) => Object.keys(one).toSorted().join('\n') === names.join('\n'));
  if (!same) return refuse('the calls gave different arguments, and no case can say that one is not given');
  if (names.length === 0) return refuse('the calls gave no arguments: nothing tells them from others');
  const rules: Record<string, JsonObject> = {};
  const anyText: string[] = [];
  for (const name of names) {
    const rule = ruleOf(
      name,
      given.map((one) => one[name] ?? null),
    );
    if (rule === undefined) return refuse(`nothing short can be said of the values of ${name}`);
    if (Object.keys(rule).join() === 'maxLength') anyText.push(name);
    rules[name] = inSession(rule);
  }
  return ok({ cases: casesOf(rules, held), anyText });
}

const MOST_VALUES = 6;
const LONGEST = 200;

/** Where nothing is inferred, the very values, if they are few and short. */
function ruleOf(name: string, values: readonly JsonValue[]): JsonObject | undefined {
  const inferred = infer(name, values);
  if (inferred !== undefined) return inferred.rule;
  const distinct = [...new Set(values.map((value) => JSON.stringify(value)))];
  if (distinct.length > MOST_VALUES || distinct.some((text) => text.length > LONGEST || text.includes('${')))
    return undefined;
  return { enum: distinct.map((text) => JSON.parse(text) as JsonValue) };
}

function casesOf(rules: Readonly<Record<string, JsonObject>>, held: Held): readonly JsonObject[] {
  const taken = new Set(held.ids);
  const free = (wanted: string): string => {
    let id = wanted;
    for (let more = 2; taken.has(id); more++) id = `${wanted}-${more}`;
    taken.add(id);
    return id;
  };
  const { id: own, when, then: _then, approval: _approval, ...kept } = held.case ?? {};
  const before = isObject(when) ? when : {};
  const { effect } = kept;
  const allowed: JsonObject = {
    id: free('as-approved'),
    when: { ...before, ...mapped(rules, (name, rule) => both(before[name], rule)) },
    // biome-ignore lint/suspicious/noThenProperty: the word of the policy file
    then: 'allow',
    ...(effect === undefined ? {} : { effect }),
  };
  const others = Object.entries(rules).map(([name, rule]): JsonObject => {
    const id = free(`${typeof own === 'string' ? own : 'other'}-${name.replaceAll(/[^A-Za-z0-9_-]/g, '-')}`);
    const said = { ...before, [name]: both(before[name], { not: rule }) };
    // biome-ignore lint/suspicious/noThenProperty: the word of the policy file
    return { ...held.case, id, when: said, then: 'hold' };
  });
  return [allowed, ...others];
}

const mapped = (
  rules: Readonly<Record<string, JsonObject>>,
  change: (name: string, rule: JsonObject) => JsonObject,
): JsonObject => Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name, change(name, rule)]));

/** Both rules in one. */
function both(own: JsonValue | undefined, more: JsonObject): JsonObject {
  if (!isObject(own)) return more;
  const clash = Object.keys(more).some((key) => Object.hasOwn(own, key));
  return clash ? { allOf: [own, more] } : { ...own, ...more };
}
