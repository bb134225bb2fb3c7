/** The shape of a policy file, part by part, so that a broken part hides no problem of another. */
import { z } from 'zod';
import { kindOf, mapping, notYet } from '../document/mapping.ts';
import { didYouMean } from '../document/nearest.ts';
import { LATER_SERVER_KEYS, reachKeys, serverName } from '../document/server-shape.ts';
import { type Asks, ELICITATION_MODES } from '../domain/abilities.ts';
import type { JsonValue } from '../domain/json.ts';
import { amount, duration } from './amounts.ts';
import { VERDICTS } from './rules.ts';
import { effect, HOUR, text, timeout } from './target-shape.ts';

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
    include: text.optional(),
    servers: z.record(serverName, z.unknown()).optional(),
    tools: z.record(z.string(), z.unknown()),
    resources: z.array(z.unknown()).optional(),
    prompts: z.array(z.unknown()).optional(),
    prefix: z.boolean().optional(),
    budgets: z.unknown().optional(),
    tests: z.array(z.unknown()).optional(),
  },
  ['sets', 'flows', 'session', 'mode', 'oldest_era'],
);

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
    defaults: mapping({ effect, timeout }, ['labels', 'sends_to']).optional(),
    asks: asks.optional(),
  },
  LATER_SERVER_KEYS,
);

const json = z.unknown().transform((value) => value as JsonValue);

export const testShape = mapping(
  {
    name: text,
    call: text,
    arguments: z.record(z.string(), json).optional(),
    expect: z.enum(VERDICTS),
    rule: text.optional(),
  },
  ['given'],
);

export type TestPart = z.infer<typeof testShape>;

export const runtimeCap = duration(30 * 24 * HOUR, '720h');
export const spendCap = mapping(
  { max: amount, currency: z.string().regex(/^[A-Z]{3}$/, 'expected a currency by its ISO 4217 code, such as USD') },
  ['classes', 'max_class'],
);
export const countCap = z.int().min(0);
