/** What may be asked of a session's memory: queries and bodies, each member known, in form and within bounds. */
import { z } from 'zod';
import type { JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { microsOf } from '../../policy/file/amounts.ts';
import { parseStrict } from '../../wire/strict-json.ts';

/** Seconds that a question may wait for something new. */
const LONGEST_WAIT = 30;
/** Of the policy's currency, in one report: 10,000 of them still add up exactly. */
const LARGEST_AMOUNT = 100_000;

const count = z
  .string()
  .regex(/^\d{1,15}$/, 'expected a whole number')
  .default('0')
  .transform(Number);
const wait = count.refine((seconds) => seconds <= LONGEST_WAIT, `expected at most ${LONGEST_WAIT} seconds`);

/** By what is asked for: what may stand in the query. */
export const QUERIES = {
  events: z.strictObject({ after: count, wait }),
  calls: z.strictObject({
    before: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,128}$/, 'expected the id of a call')
      .optional(),
  }),
  holds: z.strictObject({ after: count, wait }),
  none: z.strictObject({}),
};

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'expected a name of small letters, digits, ".", "_" and "-", at most 64');

/** The event's content is any JSON; a text is JSON too. */
export const eventBody = z.strictObject({
  type: name.refine((type) => !type.startsWith('tollgate'), "names that begin with tollgate are Tollgate's own"),
  content: z.custom<JsonValue>((value) => value !== undefined, 'expected a text or other JSON'),
});

export const spendBody = z.strictObject({
  class: name,
  amount: z.number().transform((value, context) => {
    const micros = microsOf(value);
    if (micros.ok && micros.value > 0 && value <= LARGEST_AMOUNT) return micros.value;
    context.addIssue(`expected an amount above 0, at most ${LARGEST_AMOUNT}, with at most 6 decimals`);
    return z.NEVER;
  }),
  why: z.string().max(1_000),
});

/** Refused with a phrase for each thing that is wrong. */
export function readQuery<T>(query: string | undefined, shape: z.ZodType<T>): Result<T, string> {
  const given: Record<string, string> = {};
  for (const pair of query === undefined ? [] : query.split('&')) {
    const [, member, value] = /^([a-z]{1,16})=([A-Za-z0-9_-]{0,128})$/.exec(pair) ?? [];
    if (member === undefined || value === undefined) return refuse('the query is not of the form name=value');
    if (Object.hasOwn(given, member)) return refuse(`${member} stands twice in the query`);
    given[member] = value;
  }
  return parsed(given, shape);
}

export function readJson<T>(text: string, shape: z.ZodType<T>): Result<T, string> {
  const body = parseStrict(text);
  return body.ok ? parsed(body.value, shape) : body;
}

function parsed<T>(value: unknown, shape: z.ZodType<T>): Result<T, string> {
  const read = shape.safeParse(value);
  if (read.success) return ok(read.data);
  return refuse(read.error.issues.map(({ path, message }) => [...path.map(String), message].join(': ')).join('; '));
}
