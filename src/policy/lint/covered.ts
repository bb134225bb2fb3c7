/** Whether one case is for nothing that another does not match, too. Only what is certain. */
import { canonical, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { asSchema } from '../judge/rule.ts';
import type { Case } from '../judge/rules.ts';
import { ruleTest } from '../schema/rule-test.ts';

/** True where every call that matches `inner` surely matches `outer`, which denies. */
export const isCovered = (inner: Case, outer: Case): boolean =>
  Object.entries(outer.when).every(([name, wide]) => {
    const narrow = inner.when[name];
    return narrow !== undefined && isNarrower(narrow, wide);
  });

function isNarrower(narrow: JsonObject, wide: JsonObject): boolean {
  if (canonical(narrow) === canonical(wide)) return true;
  const values = narrow['const'] === undefined ? narrow['enum'] : [narrow['const']];
  if (Array.isArray(values)) {
    // A rule that reads the session's folder is told nothing of here.
    if (canonical(wide).includes('session.dir')) return false;
    const test = ruleTest(asSchema(wide, { certain: true, complete: true }));
    return (values as readonly JsonValue[]).every((value) => test(value, '/'));
  }
  return Object.entries(wide).every(([keyword, bound]) => isAsStrict(keyword, narrow, bound));
}

/** Bounds that may stand for each other: which keyword, and whether theirs may be the same value. */
const UPPER = { maximum: ['maximum', 'exclusiveMaximum'], exclusiveMaximum: ['exclusiveMaximum', 'maximum'] } as const;
const LOWER = { minimum: ['minimum', 'exclusiveMinimum'], exclusiveMinimum: ['exclusiveMinimum', 'minimum'] } as const;

function isAsStrict(keyword: string, narrow: JsonObject, bound: JsonValue | undefined): boolean {
  const own = narrow[keyword];
  if (own !== undefined && canonical(own) === canonical(bound)) return true;
  if (typeof bound !== 'number') return false;
  if (keyword in UPPER) {
    const [same, other] = UPPER[keyword as keyof typeof UPPER];
    return within(narrow[same], narrow[other], keyword === 'maximum', (value) => bound - value);
  }
  if (keyword in LOWER) {
    const [same, other] = LOWER[keyword as keyof typeof LOWER];
    return within(narrow[same], narrow[other], keyword === 'minimum', (value) => value - bound);
  }
  if (keyword.startsWith('max')) return typeof own === 'number' && own <= bound;
  return keyword.startsWith('min') && typeof own === 'number' && own >= bound;
}

/** `room`: how far a value of the narrow rule stays inside the bound. The other kind of bound may touch it where it is inclusive. */
function within(
  same: JsonValue | undefined,
  other: JsonValue | undefined,
  inclusive: boolean,
  room: (value: number) => number,
): boolean {
  if (typeof same === 'number' && room(same) >= 0) return true;
  return typeof other === 'number' && (inclusive ? room(other) >= 0 : room(other) > 0);
}
