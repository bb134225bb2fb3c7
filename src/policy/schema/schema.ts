/**
 * The JSON Schemas that servers declare, compiled. They are a stranger's: they are bounded in size, depth and work, their
 * patterns run in linear time (RE2), nothing outside them is fetched, and what cannot be understood refuses every call.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { RE2JS } from 're2js';
import { didYouMean } from '../../document/nearest.ts';
import type { Definition } from '../../domain/contract.ts';
import { copyOf, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { keywordWords, listOf, quoted, shortened } from '../judge/rule-words.ts';
import { counted, MOST_STEPS, newAjv, type Pattern, reasonOf, STEP, type Work } from './bounded-ajv.ts';
import { declaredBy, mapSubschemas, unfit } from './schema-walk.ts';

const MOST_PROBLEMS = 5;
const MOST_CACHED = 1000;

type InputCheck = (given: JsonObject) => Result<JsonObject, readonly string[]>;
type OutputCheck = (structured: JsonValue | undefined) => readonly string[];

const inputs = new Map<string, InputCheck>();
const outputs = new Map<string, OutputCheck>();

/**
 * Checks arguments against a tool's own input schema: a copy with the schema's defaults filled in, or at most five
 * sentences on what is wrong. Arguments that the schema does not declare are refused, unless it declares none or says
 * that there may be more. A model says null for what it leaves out: where the schema takes no null, it is left out.
 * Compiled at first use, kept by pin.
 */
export const inputOf = (definition: Definition): InputCheck => kept(inputs, definition.pin, () => newInput(definition));

/**
 * Checks a result's structured content against the tool's output schema, and answers what is wrong: nothing where none
 * is declared. Compiled at first use, kept by pin.
 */
export const outputOf = (definition: Definition): OutputCheck =>
  kept(outputs, definition.pin, () => newOutput(definition.outputSchema));

const promised = new WeakMap<JsonObject, OutputCheck>();

/** Checks content against the schema that a policy says it has, as `outputOf` does. Compiled at first use, kept with it. */
export function promiseOf(schema: JsonObject): OutputCheck {
  const made = promised.get(schema) ?? newOutput(schema);
  promised.set(schema, made);
  return made;
}

function newInput(definition: Definition): InputCheck {
  const compiled = compile(definition.inputSchema);
  if (!compiled.ok) return () => refuse([`this tool cannot be called: its input schema ${compiled.error}`]);
  const declared = declaredBy(definition.inputSchema);
  const patterns = declared.patterns.map(serverPattern);
  const isDeclared = (name: string) =>
    declared.open || declared.names.has(name) || patterns.some((pattern) => pattern.test(name));
  return (given) => {
    const strange = Object.keys(given).filter((name) => !isDeclared(name));
    let copy = copyOf(given);
    let failures = compiled.value(copy);
    const unsaid = Object.keys(given).filter((name) => given[name] === null && isAt(name, failures));
    if (unsaid.length > 0) {
      copy = copyOf(Object.fromEntries(Object.entries(given).filter(([name]) => !unsaid.includes(name))));
      failures = compiled.value(copy);
    }
    const problems = [
      ...strange.map((name) => strangeWords(name, declared.names)),
      ...failures
        .filter(
          (error) => strange.length === 0 || error.keyword !== 'additionalProperties' || error.instancePath !== '',
        )
        .map(errorWords),
    ];
    return problems.length === 0 ? ok(copy) : refuse([...new Set(problems)].slice(0, MOST_PROBLEMS));
  };
}

/** Whether this very argument is what a failure speaks of. */
const isAt = (name: string, failures: readonly Failure[]): boolean =>
  failures.some(({ instancePath }) => instancePath === `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);

function newOutput(schema: JsonObject | undefined): OutputCheck {
  if (schema === undefined) return () => [];
  const compiled = compile(schema);
  if (!compiled.ok) return () => [`the tool's output schema ${compiled.error}`];
  return (structured) => {
    if (structured === undefined) return ['the tool declares an output schema and answered no structured content'];
    return [...new Set(compiled.value(structured).map(errorWords))].slice(0, MOST_PROBLEMS);
  };
}

type Failure = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'schema' | 'message'>;

/** Compiles a server's schema. Refuses with a reason that follows "its schema". */
function compile(schema: JsonObject): Result<(value: JsonValue) => readonly Failure[], string> {
  const why = unfit(schema);
  if (why !== undefined) return refuse(why);
  const dialect = dialectOf(schema['$schema']);
  if (dialect === undefined) return refuse('names a dialect other than 2020-12 and draft-07');
  const work: Work = { left: MOST_STEPS };
  const ajv = newAjv(dialect, serverPattern, work, { useDefaults: true, allErrors: true, verbose: true });
  const { $schema: _dialect, ...rest } = schema;
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(mapSubschemas(rest, counted));
  } catch (error) {
    return refuse(`cannot be used: ${shortened(reasonOf(error))}`);
  }
  return ok((value) => {
    work.left = MOST_STEPS;
    try {
      return validate(value) ? [] : (validate.errors ?? [TOO_MUCH]);
    } catch (error) {
      // Too many steps, or a reference that leads back to itself until the stack is full.
      if (error instanceof RangeError) return [TOO_MUCH];
      // What ajv makes of some schemas that refer to themselves stumbles over values.
      if (error instanceof TypeError) return [{ ...TOO_MUCH, message: "cannot be checked against the tool's schema" }];
      throw error;
    }
  });
}

const TOO_MUCH: Failure = {
  keyword: STEP,
  instancePath: '',
  params: {},
  schema: undefined,
  message: "take more work to check against the tool's schema than is allowed",
};

function dialectOf(named: JsonValue | undefined): typeof Ajv2020 | typeof Ajv | undefined {
  if (named === undefined) return Ajv2020;
  const dialect = String(named)
    .replace(/#$/, '')
    .replace(/^https?:\/\//, '');
  if (dialect === 'json-schema.org/draft/2020-12/schema') return Ajv2020;
  return dialect === 'json-schema.org/draft-07/schema' ? Ajv : undefined;
}

/** A server's pattern: ECMAScript's syntax as far as RE2 has it, found anywhere in the value. */
function serverPattern(pattern: string): Pattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
  return { test: (text) => compiled.test(text), toString: () => pattern };
}

function kept<T>(cache: Map<string, T>, pin: string, make: () => T): T {
  const found = cache.get(pin);
  if (found !== undefined) return found;
  const made = make();
  const [oldest] = cache.keys();
  if (cache.size >= MOST_CACHED && oldest !== undefined) cache.delete(oldest);
  cache.set(pin, made);
  return made;
}

const strangeWords = (name: string, known: ReadonlySet<string>): string =>
  `${quoted(name)} is not an argument of this tool${
    didYouMean(name, known) || `; it takes ${listOf([...known].map(quoted))}`
  }`;

function errorWords(error: Failure): string {
  const steps = error.instancePath.split('/').slice(1);
  const where = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')).join('.');
  if (error.keyword === 'required') {
    const missing = String(error.params['missingProperty']);
    return `${quoted(where === '' ? missing : `${where}.${missing}`)} is missing`;
  }
  const subject = where === '' ? 'the value' : quoted(where);
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    const extra = error.params['additionalProperty'] ?? error.params['unevaluatedProperty'];
    return `${subject} must not have the member ${quoted(String(extra))}`;
  }
  if (error.keyword === STEP) return `the values ${error.message}`;
  const words = keywordWords(error.keyword, error.schema as JsonValue | undefined);
  return `${subject} ${words === undefined ? error.message : `must be ${shortened(words)}`}`;
}
