/**
 * ajv with bounds: whatever the schema and the value, a validation ends after so many steps, and patterns run in linear time
 * (RE2). Nothing outside the schema is fetched.
 */
import { _, type Ajv, type Options } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { canonical, type JsonObject, type JsonValue } from '../../domain/json.ts';

/** Subschemas evaluated for one value. A million take about 50 ms; references that multiply would take for ever. */
export const MOST_STEPS = 1_000_000;
/** Of a text that is matched or compared. */
export const CHARACTERS_A_STEP = 16;

export const STEP = 'tollgate-step';
/** How many steps a validation may still take. */
export interface Work {
  left: number;
}

/** The schema with each evaluation counted as a step. */
export const counted = (subschema: JsonObject): JsonObject => ({ ...subschema, [STEP]: true });

export function spend(work: Work, steps: number): void {
  work.left -= steps;
  if (work.left < 0) throw new RangeError('too many steps');
}

export type Pattern = { readonly test: (text: string) => boolean; readonly toString: () => string };

/**
 * A fresh instance each time: names (`$id`) in one server's schema mean nothing in another's. Meta-schemas are left
 * out (compiling them costs more than all else); ajv itself still refuses keywords with values of a wrong type.
 * `toString` of a pattern is what ajv tells patterns apart by.
 */
export function newAjv(
  dialect: typeof Ajv2020 | typeof Ajv,
  toPattern: (pattern: string) => Pattern,
  work: Work,
  options: Options,
): Ajv {
  const regExp = Object.assign((pattern: string) => toPattern(pattern) as unknown as RegExp, { code: 'linear' });
  const ajv = new dialect({
    ...options,
    meta: false,
    validateSchema: false,
    strict: false,
    logger: false,
    ownProperties: true,
    validateFormats: false,
    multipleOfPrecision: 9,
    code: { regExp },
  });
  ajv.addKeyword({
    keyword: STEP,
    code: ({ gen }) => gen.code(_`${gen.scopeValue('func', { ref: () => spend(work, 1) })}()`),
  });
  for (const keyword of equalityKeywords(work)) {
    ajv.removeKeyword(keyword.keyword);
    ajv.addKeyword(keyword);
  }
  return ajv;
}

/**
 * Keywords that compare values. ajv compares every pair of items, where by their canonical text it is one pass, and calls
 * methods of what it compares: a value has none, but may have members of their names.
 */
function equalityKeywords(work: Work) {
  const text = (value: JsonValue): string => {
    const written = canonical(value);
    spend(work, written.length / CHARACTERS_A_STEP);
    return written;
  };
  const oneOf = (values: readonly JsonValue[]) => {
    const scalars = new Set(values.filter(isScalar));
    const texts = new Set(values.filter((value) => !isScalar(value)).map(canonical));
    return (value: JsonValue): boolean =>
      isScalar(value) ? scalars.has(value) : texts.size > 0 && texts.has(text(value));
  };
  const hasNoTwins = (items: readonly JsonValue[]): boolean => new Set(items.map(text)).size === items.length;
  return [
    { keyword: 'enum', schemaType: 'array', compile: oneOf },
    { keyword: 'const', compile: (value: JsonValue) => oneOf([value]) },
    {
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      compile: (wanted: boolean) => (wanted ? hasNoTwins : () => true),
    },
  ] as const;
}

const isScalar = (value: JsonValue): boolean => typeof value !== 'object' || value === null;

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
