/** The shapes of what a policy allow-lists: tools, resources, prompts. */
import { z } from 'zod';
import { kindOf, mapping, notYet } from '../document/mapping.ts';
import { didYouMean } from '../document/nearest.ts';
import { EFFECTS } from '../domain/contract.ts';
import { amount, duration } from './amounts.ts';
import { rule } from './rule.ts';
import { VERDICTS } from './rules.ts';
import { uriPattern } from './uri-pattern.ts';

export const HOUR = 3_600_000;
export const timeout = duration(HOUR, '1h').optional();
export const effect = z.enum(EFFECTS).optional();
export const text = z.string().min(1);

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
  .refine((name) => !RESERVED.includes(name), 'this kind of budget counts by itself and cannot be charged');

/** What a call costs: money, time, and the classes that the operator names. */
const costs = {
  charges: z.record(className, z.int().min(1)).optional(),
  spend: mapping({ amount: amount.refine((micros) => micros > 0, 'expected an amount of more than 0') }, [
    'class',
  ]).optional(),
  timeout,
};

export const toolShape = mapping(
  {
    effect,
    can: text.optional(),
    cannot: text.optional(),
    arguments: z.record(z.string(), rule).optional(),
    cases: z.array(caseShape).min(1).optional(),
    approval: approval.optional(),
    ...costs,
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

const LATER_KEYS: readonly string[] = ['labels', 'sends_to', 'scopes', 'mode'];

/** Undefined for a text with a reference that stands for nothing: that is told where references are read. */
const uri = z.string().transform((written, context) => {
  if (/\$\{[^}]*\}/.test(written.replace(/^file:\/\/\$\{session\.dir\}/, ''))) return undefined;
  const pattern = uriPattern(written);
  if (pattern.ok) return pattern.value;
  context.addIssue(pattern.error);
  return z.NEVER;
});

export const resourceShape = mapping({ server: text, uri, approval: approval.optional(), ...costs }, LATER_KEYS);

const promptName = z.string().superRefine((name, context) => {
  if (/[*?{}[\],]/.test(name)) {
    context.addIssue(notYet('a pattern for prompts (patterns expand against the lock file)'));
  } else if (!/^[A-Za-z0-9_./-]{1,128}$/.test(name)) {
    context.addIssue('expected the name of a prompt: at most 128 letters, digits, "_", ".", "/" and "-"');
  }
});

export const promptShape = mapping(
  { server: text, name: promptName, approval: approval.optional(), ...costs },
  LATER_KEYS,
);

/** What the three have in common. */
export type TargetPart = Pick<ToolPart, 'approval' | 'charges' | 'spend' | 'timeout'>;
