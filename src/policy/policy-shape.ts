/** The shape of a policy file, part by part, so that a broken part hides no problem of another. */
import { z } from 'zod';
import { kindOf, mapping, notYet } from '../document/mapping.ts';
import { didYouMean } from '../document/nearest.ts';
import { LATER_SERVER_KEYS, reachKeys, serverName } from '../document/server-shape.ts';
import { type Asks, ELICITATION_MODES } from '../domain/abilities.ts';
import { EFFECTS } from '../domain/contract.ts';
import type { JsonValue } from '../domain/json.ts';
import { amount, duration } from './amounts.ts';
import { givenCall } from './history-shape.ts';
import { VERDICTS } from './rules.ts';
import { dataKeys, effect, HOUR, mode, spendClass, text, timeout } from './target-shape.ts';

const who = z.unknown().transform((value, context) => {
  if (value === 'local') return value;
  if (value === undefined) context.addIssue('"who" is missing; expected local');
  else if (typeof value !== 'string') context.addIssue(notYet('"who" other than local'));
  else context.addIssue(`expected local, found ${kindOf(value)}${didYouMean(value, ['local'])}`);
  return z.NEVER;
});

/** The file as a whole; the parts left unknown here are read one by one below. */
export const outline = mapping(
  {
    version: z.literal(1),
    profile: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'expected a name: lower-case letters, digits and "-", a letter first'),
    who,
    mode,
    sets: z
      .record(
        z
          .string()
          .regex(/^[a-z][a-z0-9_-]*$/, 'expected a name: lower-case letters, digits, "-" and "_", a letter first'),
        z.unknown(),
      )
      .optional(),
    servers: z.record(serverName, z.unknown()).optional(),
    tools: z.record(z.string(), z.unknown()),
    resources: z.array(z.unknown()).optional(),
    prompts: z.array(z.unknown()).optional(),
    prefix: z.boolean().optional(),
    flows: z.array(z.unknown()).optional(),
    budgets: z.unknown().optional(),
    session: z.unknown().optional(),
    tests: z.array(z.unknown()).optional(),
  },
  ['oldest_era'],
);

/** What the policy says of sessions. */
export const sessionShape = mapping({ require_reason: z.array(z.enum(EFFECTS)).min(1).optional() }, [
  'idle',
  'max_age',
  'renew',
  'record',
]);

/** A person answers each question, or pays for it: more than this in a session is no use anybody has. */
const MOST_SAMPLINGS = 1000;
const MOST_TOKENS = 1_000_000;

const asks = mapping({
  elicitation: z
    .array(z.enum(ELICITATION_MODES))
    .min(1)
    .superRefine((modes, context) => {
      for (const [at, mode] of modes.entries())
        if (modes.indexOf(mode) < at)
          context.addIssue({ code: 'custom', path: [at], message: `"${mode}" is listed twice` });
    })
    .optional(),
  sampling: mapping({
    max: z.int().min(1).max(MOST_SAMPLINGS),
    max_tokens: z.int().min(1).max(MOST_TOKENS),
  }).optional(),
  roots: z.boolean().optional(),
}).transform(
  ({ elicitation = [], sampling, roots = false }): Asks => ({
    elicitation,
    sampling: sampling === undefined ? undefined : { max: sampling.max, maxTokens: sampling.max_tokens },
    roots,
  }),
);

export const serverShape = mapping(
  {
    ...reachKeys,
    defaults: mapping({ effect, timeout, ...dataKeys }).optional(),
    asks: asks.optional(),
  },
  LATER_SERVER_KEYS,
);

const json = z.unknown().transform((value) => value as JsonValue);

/** What the session has touched, and its earlier calls, the oldest first. */
export const given = mapping({
  labels: z.array(text).optional(),
  calls: z.array(givenCall).min(1).optional(),
});

export const testShape = mapping({
  name: text,
  call: text,
  arguments: z.record(z.string(), json).optional(),
  expect: z.enum(VERDICTS),
  rule: text.optional(),
  given: given.optional(),
});

export type TestPart = z.infer<typeof testShape>;

export const runtimeCap = duration(30 * 24 * HOUR, '720h');

const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency by its ISO 4217 code, such as USD');

/** Classes are of kinds of spending, from the cheapest to the dearest. */
export const spendCap = mapping({
  classes: z.array(spendClass).min(1).optional(),
  max_class: z.string().optional(),
  max: amount.optional(),
  currency: currency.optional(),
}).superRefine((spend, context) => {
  const issue = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
  const { classes, max_class: most, max, currency: of } = spend;
  if (classes === undefined && max === undefined && context.issues.length === 0)
    issue('max', '"max" is missing; expected a number');
  if (max !== undefined && of === undefined) issue('currency', '"currency" is missing; expected text');
  if (max === undefined && of !== undefined) issue('currency', 'unused: there is no "max" that it is of');
  if (classes !== undefined && most === undefined) issue('classes', 'unused: there is no "max_class"');
  if (classes === undefined && most !== undefined) issue('max_class', 'unused: there are no "classes"');
  for (const [at, name] of (classes ?? []).entries())
    if (classes?.indexOf(name) !== at)
      context.addIssue({ code: 'custom', path: ['classes', at], message: `"${name}" is listed twice` });
  if (classes !== undefined && most !== undefined && !classes.includes(most))
    issue(
      'max_class',
      `there is no class "${most}"; expected one of ${classes.join(', ')}${didYouMean(most, classes)}`,
    );
});
export const countCap = z.int().min(0);
