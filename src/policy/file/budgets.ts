/** The `budgets` part of a policy: caps, each of which something must be able to reach, and what happens then. */
import { z } from 'zod';
import type { Problem, YamlDocument } from '../../document/document.ts';
import { mapping, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { type Amounts, isExtendable, LOOP_KINDS, WHEN_REACHED, type WhenReached } from '../../domain/budget.ts';
import type { Contract } from '../../domain/contract.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { countCap, runtimeCap, spendCap } from './policy-shape.ts';
import { NO_PRINCIPAL_BUDGETS, type PrincipalBudgets, readPrincipalBudgets } from './principal-budgets.ts';
import { className } from './target-shape.ts';

export interface Budgets extends PrincipalBudgets {
  /** Of a session. */
  readonly caps: Amounts;
  readonly whenReached: WhenReached;
  /** ISO 4217 code of `spend`. */
  readonly currency: string;
}

const NONE: Budgets = { caps: {}, whenReached: 'deny', currency: 'USD', ...NO_PRINCIPAL_BUDGETS };
const PATH = ['budgets', 'session'];
const KNOWN: readonly string[] = ['calls', 'runtime', 'spend', ...LOOP_KINDS];

const shape = mapping({
  session: z.record(z.string(), z.unknown()).optional(),
  principal: z.record(z.string(), z.unknown()).optional(),
  when_reached: z.enum(WHEN_REACHED).optional(),
});

/** One refusal at least: none would refuse every call. */
export const refusalsCap = countCap.min(1);

/** Classes of spending, from the cheapest to the dearest, and the dearest that a session may spend in. */
export interface SpendClasses {
  readonly classes: readonly string[];
  readonly most: string;
}

/** The classes of spending; undefined where there are none, or where they are broken (`readBudgets` tells). */
export function readSpendClasses(document: YamlDocument): SpendClasses | undefined {
  const { session } = mappingAt(document.value['budgets']);
  const spend = spendCap.safeParse(mappingAt(session)['spend']);
  const { classes, max_class: most } = spend.success ? spend.data : {};
  return classes === undefined || most === undefined ? undefined : { classes, most };
}

/** Whether the file names classes of spending, right or wrong. */
export function saysClasses(document: YamlDocument): boolean {
  const { session } = mappingAt(document.value['budgets']);
  return Object.hasOwn(mappingAt(mappingAt(session)['spend']), 'classes');
}

const mappingAt = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

/** What calls cost. */
interface Costs {
  readonly kinds: ReadonlySet<string>;
  /** Whether some of them are of a class of spending. */
  readonly classed: boolean;
}

export const costsOf = (contracts: readonly Contract[]): Costs => ({
  kinds: new Set(contracts.flatMap(({ charges }) => Object.keys(charges))),
  classed: contracts.some(({ spendClass }) => spendClass !== undefined),
});

/** Reads all caps. `costs`: of all calls; undefined where that is not known. */
export function readBudgets(document: YamlDocument, costs: Costs | undefined, found: Problem[]): Budgets {
  const charged = costs?.kinds;
  const part = document.value['budgets'];
  if (part === undefined) return NONE;
  const whole = readPart(document, ['budgets'], part, shape, found);
  const { session, principal } = mappingAt(part);
  const shared = readPrincipalBudgets(document, principal, charged, found);
  if (whole?.session === undefined && whole?.principal === undefined && whole !== undefined)
    found.push(document.keyProblem(['budgets'], 'expected "session", "principal" or both'));
  if (!isObject(session)) {
    if (whole?.when_reached !== undefined)
      found.push(document.keyProblem(['budgets', 'when_reached'], 'unused: it is about "session", which is not there'));
    return { ...NONE, ...shared };
  }
  const whenReached = whole?.when_reached ?? 'deny';

  const caps: Record<string, number> = {};
  let { currency } = NONE;
  for (const [kind, value] of Object.entries(session)) {
    const read = <T>(schema: z.ZodType<T>) => readPart(document, [...PATH, kind], value, schema, found);
    let cap: number | undefined;
    if (kind === 'spend') {
      const spend = read(spendCap);
      cap = spend?.max;
      currency = spend?.currency ?? currency;
    } else if (kind === 'runtime') cap = read(runtimeCap);
    else if (kind === 'refusals') cap = read(refusalsCap);
    else if (KNOWN.includes(kind)) cap = read(countCap);
    else cap = readClass(document, kind, value, charged, found);
    if (cap !== undefined) caps[kind] = cap;
  }
  if (caps['spend'] !== undefined && charged !== undefined && !charged.has('spend')) {
    found.push(document.keyProblem([...PATH, 'spend'], 'unused: nothing says what it spends (spend: { amount: ... })'));
  }
  if (costs?.classed === false && readSpendClasses(document) !== undefined) {
    const message = 'unused: nothing says the class that it spends in (spend: { class: ... })';
    found.push(document.keyProblem([...PATH, 'spend', 'classes'], message));
  }
  if (whenReached === 'extend' && Object.keys(caps).every((kind) => !isExtendable(kind)))
    found.push(document.keyProblem(['budgets', 'when_reached'], NOTHING_TO_EXTEND));
  return { ...shared, caps, whenReached, currency };
}

const NOTHING_TO_EXTEND = `unused: nothing here can be extended; ${LOOP_KINDS.join(', ')} end loops`;

function readClass(
  document: YamlDocument,
  kind: string,
  value: JsonValue | undefined,
  charged: ReadonlySet<string> | undefined,
  found: Problem[],
): number | undefined {
  const path = [...PATH, kind];
  const complain = (message: string) => {
    found.push(document.keyProblem(path, message));
    return undefined;
  };
  const name = className.safeParse(kind);
  if (!name.success) return complain(name.error.issues[0]?.message ?? 'this name is not accepted');
  if (charged !== undefined && !charged.has(kind)) {
    return complain(`unused: nothing charges "${kind}"${didYouMean(kind, [...KNOWN, ...charged])}`);
  }
  return readPart(document, path, value, countCap, found);
}
