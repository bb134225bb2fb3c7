/** Rules over earlier calls: `after`, `not_after` and `limits`, compiled to what each call asks of those before it. */
import type { Condition, Demand } from '../../domain/history.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { microsOf } from '../file/amounts.ts';
import { quoted } from '../judge/rule-words.ts';
import { comparedField, type Field, placeOf, summedField, testedField, valueAt } from './fields.ts';
import type { AfterPart, HistoryPart, LimitPart, NotAfterPart, WherePart } from './history-shape.ts';
import { argumentNamed } from './history-shape.ts';
import { afterWords, limitWords, notAfterWords } from './history-words.ts';

export interface HistoryRule {
  /** Its path: `crm.send_reply.after.0`. */
  readonly rule: string;
  /** As the policy writes it. */
  readonly written: JsonObject;
  readonly observes: boolean;
  /** For the agent: one sentence. */
  readonly words: string;
  /** The earlier calls' target, and what of them must be kept for this rule. */
  readonly target: string;
  readonly fields: readonly Field[];
  /** What a call with these arguments asks; refused, with a reason without a full stop, where they lack what the rule needs. */
  demandOf(effective: JsonObject): Result<Demand, string>;
}

/**
 * The rules over earlier calls that a tool has. `written` is what the policy says of the tool, and `part` that, read. `hidden`:
 * tools that agents do not see, so that no words for agents name them.
 */
export function historyRules(
  target: string,
  written: JsonObject,
  part: HistoryPart,
  hidden: ReadonlySet<string>,
): readonly HistoryRule[] {
  const each = <One>(key: keyof HistoryPart, parts: readonly One[] = [], compile: Compile<One>): HistoryRule[] =>
    parts.map((one, at) => {
      const list = written[key];
      const raw = (Array.isArray(list) ? (list as readonly JsonValue[])[at] : undefined) ?? {};
      return {
        ...compile(`${target}.${key}.${at}`, one, isObject(raw) ? raw : {}, target, hidden),
        written: { [key]: raw },
      };
    });
  return [
    ...each('after', part.after, afterRule),
    ...each('not_after', part.not_after, notAfterRule),
    ...each('limits', part.limits, limitRule),
  ];
}

type Compile<One> = (
  rule: string,
  part: One,
  written: JsonObject,
  own: string,
  hidden: ReadonlySet<string>,
) => Omit<HistoryRule, 'written'>;

const afterRule: Compile<AfterPart> = (rule, part, written, _own, hidden) => {
  const { where, fields } = compileWhere(part.where, true);
  const { sentence, reason, remedy } = afterWords(written, part.reason, hidden);
  const { tool: target, within, since } = part;
  return {
    ...namedOf(rule, part, target, fields),
    words: sentence,
    demandOf: (effective) =>
      ok({ kind: 'after', ...askedOf(rule, part, target), where: where(effective), within, since, reason, remedy }),
  };
};

const notAfterRule: Compile<NotAfterPart> = (rule, part, written, _own, hidden) => {
  const { where, fields } = compileWhere(part.where, false);
  const { sentence, reason } = notAfterWords(written, part.reason, hidden);
  const { tool: target, within } = part;
  return {
    ...namedOf(rule, part, target, fields),
    words: sentence,
    demandOf: (effective) =>
      ok({
        kind: 'not_after',
        ...askedOf(rule, part, target),
        where: where(effective),
        within,
        reason,
        remedy: undefined,
      }),
  };
};

const limitRule: Compile<LimitPart> = (rule, part, written, own) => {
  const { where, fields } = compileWhere(part.where, false);
  const { sentence, reason } = limitWords(written, part.names, part.reason);
  const { names, most, within } = part;
  const summed = names === undefined ? undefined : summedField({ side: 'arguments', names });
  const demand = (effective: JsonObject, adds: number, remedy: string | undefined): Demand => ({
    kind: 'limit',
    ...askedOf(rule, part, own),
    where: where(effective),
    within,
    field: summed?.key,
    adds,
    most,
    reason,
    remedy,
  });
  return {
    ...namedOf(rule, part, own, summed === undefined ? fields : [...fields, summed]),
    words: sentence,
    demandOf: (effective) => {
      if (names === undefined) return ok(demand(effective, 1, undefined));
      const name = quoted(names.join('.'));
      const adds = microsOf(valueAt(effective, names) ?? null);
      if (!adds.ok) return refuse(`${name} must be ${adds.error}: it counts towards a limit`);
      // No wait makes room for more than the whole limit.
      const less = adds.value > most ? `make the call with less ${name}, if that still does what was asked` : undefined;
      return ok(demand(effective, adds.value, less));
    },
  };
};

const namedOf = (rule: string, { mode }: Shared, target: string, fields: readonly Field[]) => ({
  rule,
  observes: mode === 'observe',
  target,
  fields,
});

type Shared = Pick<AfterPart, 'mode' | 'per'>;

const askedOf = (rule: string, { per = 'session' }: Shared, target: string) => ({ rule, per, target }) as const;

interface Compared {
  readonly field: Field;
  is(effective: JsonObject): Condition['is'];
}

/** What must be kept of earlier calls, and what each call then asks of it. `certain`: doubt does not meet it. */
function compileWhere(where: WherePart = {}, certain: boolean) {
  const conditions = Object.entries(where).flatMap(([left, right]): Compared[] => {
    const place = placeOf(left);
    if (place === undefined) return [];
    if (isObject(right)) return [{ field: testedField(place, right, certain), is: () => true }];
    const names = typeof right === 'string' ? argumentNamed(right) : undefined;
    const field = comparedField(place, certain);
    const literal = field.keptOf(right as JsonValue);
    return [{ field, is: names === undefined ? () => literal : keptAt(names, field) }];
  });
  return {
    fields: conditions.map((one) => one.field),
    where: (effective: JsonObject): readonly Condition[] =>
      conditions.map(({ field, is }) => ({ field: field.key, is: is(effective) })),
  };
}

const keptAt =
  (names: readonly string[], field: Field) =>
  (effective: JsonObject): Condition['is'] => {
    const value = valueAt(effective, names);
    return value === undefined ? undefined : field.keptOf(value);
  };
