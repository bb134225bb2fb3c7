/** The shape of a policy file, part by part, so that a broken part hides no problem of another. */
import { z } from 'zod';
import { kindOf, mapping, notYet } from '../document/mapping.ts';
import { didYouMean } from '../document/nearest.ts';
import { LATER_SERVER_KEYS, reachKeys, serverName } from '../document/server-shape.ts';
import { EFFECTS } from '../domain/contract.ts';
import type { JsonValue } from '../domain/json.ts';
import { amount, duration } from './amounts.ts';
import { VERDICTS } from './judge.ts';
import { rule } from './rule.ts';

const HOUR = 3_600_000;
const timeout = duration(HOUR, '1h').optional();
const effect = z.enum(EFFECTS).optional();
const text = z.string().min(1);

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
    servers: z.record(serverName, z.unknown()).optional(),
    tools: z.record(z.string(), z.unknown()),
    budgets: z.unknown().optional(),
    tests: z.array(z.unknown()).optional(),
  },
  ['sets', 'resources', 'prompts', 'flows', 'session', 'mode', 'oldest_era'],
);

export const serverShape = mapping(
  { ...reachKeys, defaults: mapping({ effect, timeout }, ['labels', 'sends_to']).optional() },
  LATER_SERVER_KEYS,
);

const id = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'expected an id: letters, digits, "-" and "_", a letter first');

const caseShape = mapping(
  {
    id,
    when: z.record(z.string(), rule),
    // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; the shape is never awaited
    then: z.enum(VERDICTS),
    reason: text.optional(),
  },
  ['effect', 'approval', 'mode'],
);

const proof = z.string().transform((value, context) => {
  if (value === 'passphrase') return value;
  const later = value === 'passkey' || value === 'both';
  context.addIssue(
    later
      ? notYet(`proof: ${value}`)
      : `expected passphrase, found ${kindOf(value)}${didYouMean(value, ['passphrase'])}`,
  );
  return z.NEVER;
});

const approval = mapping({ reason: text.optional(), proof: proof.optional() }, [
  'approvers',
  'quorum',
  'answer_within',
  'use_within',
  'allow_requester',
  'uses',
]);

/** Kinds of budget that have a meaning of their own, now or later: no class may be called so. */
export const LATER_KINDS: readonly string[] = ['retries', 'refusals', 'approvals'];
const RESERVED: readonly string[] = ['calls', 'spend', 'runtime', ...LATER_KINDS];

export const className = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'expected the name of a class: lower-case letters, digits and "_", a letter first')
  .refine((name) => !RESERVED.includes(name), 'this kind of budget counts by itself and cannot be charged by a tool');

export const toolShape = mapping(
  {
    effect,
    can: text.optional(),
    cannot: text.optional(),
    timeout,
    arguments: z.record(z.string(), rule).optional(),
    cases: z.array(caseShape).min(1).optional(),
    approval: approval.optional(),
    charges: z.record(className, z.int().min(1)).optional(),
    spend: mapping({ amount: amount.refine((micros) => micros > 0, 'expected an amount of more than 0') }, [
      'class',
    ]).optional(),
  },
  [
    'labels',
    'sends_to',
    'scopes',
    'visible',
    'retry',
    'verify',
    'after',
    'not_after',
    'limits',
    'output',
    'repeat',
    'shows',
    'mode',
  ],
).superRefine((tool, context) => {
  const ids = (tool.cases ?? []).map((one) => one.id);
  for (const [at, one] of ids.entries()) {
    if (ids.indexOf(one) < at)
      context.addIssue({
        code: 'custom',
        path: ['cases', at, 'id'],
        message: `the id "${one}" is used twice in this tool`,
      });
  }
  if (tool.approval !== undefined && tool.cases?.every((one) => one.then !== 'hold')) {
    context.addIssue({ code: 'custom', path: ['approval'], message: 'unused: no case of this tool says "then: hold"' });
  }
});

export type ToolPart = z.infer<typeof toolShape>;

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
