/** The `budgets` part of a policy: caps, each of which something must be able to reach. */
import { z } from 'zod';
import type { Problem, YamlDocument } from '../../document/document.ts';
import { mapping, notYet, readPart } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import type { Amounts } from '../../domain/budget.ts';
import type { Contract } from '../../domain/contract.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { countCap, runtimeCap, spendCap } from './policy-shape.ts';
import { className, LATER_KINDS } from './target-shape.ts';

export interface Budgets {
  readonly caps: Amounts;
  /** ISO 4217 code of `spend`. */
  readonly currency: string;
}

const NONE: Budgets = { caps: {}, currency: 'USD' };
const PATH = ['budgets', 'session'];
const KNOWN: readonly string[] = ['calls', 'runtime', 'spend'];

const shape = mapping({ session: z.record(z.string(), z.unknown()) }, ['principal', 'when_reached']);

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

/** Reads the caps of a session. `costs`: of all calls; undefined where that is not known. */
export function readBudgets(document: YamlDocument, costs: Costs | undefined, found: Problem[]): Budgets {
  const charged = costs?.kinds;
  const part = document.value['budgets'];
  if (part === undefined) return NONE;
  readPart(document, ['budgets'], part, shape, found);
  const session = isObject(part) ? part['session'] : undefined;
  if (!isObject(session)) return NONE;

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
    else if (kind === 'calls') cap = read(countCap);
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
  return { caps, currency };
}

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
  if (LATER_KINDS.includes(kind)) return complain(notYet(`"${kind}"`));
  const name = className.safeParse(kind);
  if (!name.success) return complain(name.error.issues[0]?.message ?? 'this name is not accepted');
  if (charged !== undefined && !charged.has(kind)) {
    return complain(`unused: nothing charges "${kind}"${didYouMean(kind, [...KNOWN, ...LATER_KINDS, ...charged])}`);
  }
  return readPart(document, path, value, countCap, found);
}
