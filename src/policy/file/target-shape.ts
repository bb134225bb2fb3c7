/** The shapes of what a policy allow-lists: tools, resources, prompts. */
import { z } from 'zod';
import { described, kindOf, mapping, notYet } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { LOOP_KINDS, SESSIONS } from '../../domain/budget.ts';
import { EFFECTS } from '../../domain/contract.ts';
import { REACHES } from '../../domain/label.ts';
import { historyKeys } from '../history/history-shape.ts';
import { rule } from '../judge/rule.ts';
import { VERDICTS } from '../judge/rules.ts';
import { shows } from '../shows/shows-shape.ts';
import { uriPattern } from '../uris/uri-pattern.ts';
import { amount, duration } from './amounts.ts';
import { labels } from './labels.ts';
import { isPattern } from './patterns.ts';
import { scopes } from './scopes.ts';

export const HOUR = 3_600_000;
export const timeout = duration(HOUR, '1h').optional();
export const effect = z.enum(EFFECTS).optional();
export const text = z.string().min(1);

/** What a rule does with what it finds: `observe` only says what it would have done. */
export const mode = z.enum(['enforce', 'observe']).optional();

export const id = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'expected an id: letters, digits, "-" and "_", a letter first');

const proof = z
  .string()
  .transform((value, context) => {
    if (value === 'passphrase') return value;
    const later = value === 'passkey' || value === 'both';
    context.addIssue(
      later
        ? notYet(`proof: ${value}`)
        : `expected passphrase, found ${kindOf(value)}${didYouMean(value, ['passphrase'])}`,
    );
    return z.NEVER;
  })
  .meta({ enum: ['passphrase'] });

const approval = mapping(
  described(
    { reason: text.optional(), proof: proof.optional() },
    { reason: 'Why a person is asked: the person and the agent read it.', proof: 'How the person proves to be there.' },
  ),
  ['approvers', 'quorum', 'answer_within', 'use_within', 'allow_requester', 'uses'],
);

const caseShape = mapping(
  described(
    {
      id,
      when: z.record(z.string(), rule),
      // biome-ignore lint/suspicious/noThenProperty: the word of the policy file; the shape is never awaited
      then: z.enum(VERDICTS),
      reason: text.optional(),
      effect,
      approval: approval.optional(),
      mode,
    },
    {
      id: 'The name of the case: letters, digits, "-" and "_".',
      when: 'By argument, a rule. All must hold; none is every call.',
      // biome-ignore lint/suspicious/noThenProperty: the word of the policy file
      then: 'Of all cases that match the strictest wins: deny over hold over allow.',
      reason: 'Why: whoever is asked or refused reads it.',
      effect: 'What calls of this case do; unsaid is what the tool does.',
      approval: 'How a person is asked, in a case that holds.',
      mode: 'observe: only write down what the case would have done.',
    },
  ),
)
  .superRefine((one, context) => {
    const issue = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    if (one.approval !== undefined && one.then !== 'hold')
      issue('approval', 'unused: only a case with "then: hold" asks a person');
    if (one.mode === 'observe' && one.then === 'allow')
      issue('mode', 'what allows has nothing to observe: "mode: observe" is for hold and deny');
  })
  .transform(({ mode: said, ...one }) => ({ ...one, observes: said === 'observe' }));

/** Kinds of budget that have a meaning of their own: no class may be called so. */
const RESERVED: readonly string[] = ['calls', 'spend', 'runtime', SESSIONS, ...LOOP_KINDS];

/** A class of spending, of those that the budget orders. */
export const spendClass = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'expected the name of a class: lower-case letters, digits and "_", a letter first');

export const className = spendClass.refine(
  (name) => !RESERVED.includes(name),
  'this kind of budget counts by itself and cannot be charged',
);

const money = amount.refine((micros) => micros > 0, 'expected an amount of more than 0');

const SPENDS = {
  class: 'A class of budgets.session.spend.classes.',
  amount: 'In the currency of the budget, at most 6 decimals.',
};

const SPENDS_NOTHING = 'expected a class, an amount, or both';

/** What a call costs: money, time, and the classes that the operator names. */
const costs = {
  charges: z.record(className, z.int().min(1)).optional(),
  spend: mapping(described({ class: spendClass.optional(), amount: money.optional() }, SPENDS))
    .refine((spend) => Object.keys(spend).length > 0, SPENDS_NOTHING)
    .optional(),
  timeout,
};

/** Where a result says what it cost. */
const spent = z
  .string()
  .regex(/^output(?:\.[^.]+)+$/, 'expected an amount, or a field of the result: output.NAME')
  .transform((text) => text.split('.').slice(1));

/** A tool's result may say what it cost: at most what was claimed for it. */
const toolSpend = mapping(
  described(
    { class: spendClass.optional(), amount: z.union([money, spent]).optional(), max: money.optional() },
    {
      class: SPENDS.class,
      amount: 'In the currency of the budget, at most 6 decimals; or output.NAME, where the result says it.',
      max: 'With output.NAME: what the call is charged before its result is there, and at most.',
    },
  ),
)
  .superRefine((spend, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const isRead = Array.isArray(spend.amount);
    if (Object.keys(spend).length === 0) issue([], SPENDS_NOTHING);
    if (isRead && spend.max === undefined) issue(['max'], '"max" is missing; expected what the result may say at most');
    if (!isRead && spend.max !== undefined) issue(['max'], 'unused: "amount" is not read from the result');
  })
  .transform(({ class: of, amount: said, max }) => ({
    ...(of === undefined ? {} : { class: of }),
    ...(typeof said === 'number' ? { amount: said } : {}),
    ...(Array.isArray(said) && max !== undefined ? { amount: max, from: said } : {}),
  }));

/** What goes where: what a session has touched once this was called, and how far what the call carries may go. */
export const dataKeys = described(
  { labels: labels.optional(), sends_to: z.enum(REACHES).optional() },
  {
    labels: 'What a session has touched once this was called. Unsaid is private and untrusted.',
    sends_to: 'How far what a call carries may go. Unsaid is external; of a draft internal.',
  },
);

/** The schema is in the keywords of rules, so that each of them is known and spelt right. */
const output = mapping(
  described(
    { schema: rule, from: z.literal('json_text').optional() },
    { schema: 'What the result must be like.', from: 'json_text: the one text of the result is JSON.' },
  ),
);

/** Of whatever is listed. */
const WORDS_OF_ALL = {
  labels: 'What a session has touched once this was called. Unsaid is private and untrusted.',
  sends_to: 'How far what a call carries may go. Unsaid is external; of a draft internal.',
  charges: 'What a call costs beside itself: classes that you name, each a budget of the session.',
  spend: 'What a call costs in money.',
  timeout: 'How long a call may take: 500ms, 20s, 5m, 1h. Unsaid is 60s.',
  scopes:
    "What the caller's token must be for, where the caller has one, and what a credential for its server is asked for.",
};

export const toolShape = mapping(
  described(
    {
      effect,
      can: text.optional(),
      cannot: text.optional(),
      arguments: z.record(z.string(), rule).optional(),
      cases: z.array(caseShape).min(1).optional(),
      approval: approval.optional(),
      visible: z.boolean().optional(),
      output: output.optional(),
      shows: shows.optional(),
      ...historyKeys,
      scopes: scopes.optional(),
      ...dataKeys,
      ...costs,
      spend: toolSpend.optional(),
    },
    {
      effect: 'What a call does. Unsaid is irreversible.',
      can: 'What the tool is for: agents read it.',
      cannot: 'What the tool does not do: agents read it.',
      arguments: 'By argument, a rule that it must meet where it is given.',
      cases: 'What to do by the arguments. All that match apply, the strictest wins, and none matching is deny.',
      approval: 'A person must approve: every call, or with cases those that say hold.',
      visible: 'false: agents neither see it nor call it.',
      output: 'What a result must be like, where the server declares nothing itself.',
      shows: 'How what an argument only points at is read, for whoever is asked: it is approved with the call.',
      after: 'Earlier calls that must have succeeded.',
      not_after: 'Earlier calls that must not have been made.',
      limits: 'How much in a window of time. Calls in flight count.',
      ...WORDS_OF_ALL,
    },
  ),
  ['retry', 'verify', 'repeat', 'mode'],
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
  if (tool.effect === 'draft' && tool.sends_to === 'external') {
    const message = 'a draft never sends_to external: what leaves is sent; say effect: write or irreversible';
    context.addIssue({ code: 'custom', path: ['sends_to'], message });
  }
  if (tool.approval !== undefined && tool.cases?.every((one) => one.then !== 'hold')) {
    context.addIssue({ code: 'custom', path: ['approval'], message: 'unused: no case of this tool says "then: hold"' });
  }
});

export type ToolPart = z.infer<typeof toolShape>;

const LATER_KEYS: readonly string[] = ['mode'];

/** Undefined for a text with a reference that stands for nothing: that is told where references are read. */
const uri = z.string().transform((written, context) => {
  if (/\$\{[^}]*\}/.test(written.replace(/^file:\/\/\$\{session\.dir\}/, ''))) return undefined;
  const pattern = uriPattern(written);
  if (pattern.ok) return pattern.value;
  context.addIssue(pattern.error);
  return z.NEVER;
});

export const resourceShape = mapping(
  described(
    { server: text, uri, approval: approval.optional(), scopes: scopes.optional(), ...dataKeys, ...costs },
    {
      server: 'The server whose resources these are.',
      uri: 'A pattern: ** any characters, * any but / ? #.',
      approval: 'A person must approve each read.',
      ...WORDS_OF_ALL,
    },
  ),
  LATER_KEYS,
);

const promptName = z.string().superRefine((name, context) => {
  if (!isPattern(name) && !/^[A-Za-z0-9_./-]{1,128}$/.test(name)) {
    context.addIssue('expected the name of a prompt: at most 128 letters, digits, "_", ".", "/" and "-"');
  }
});

export const promptShape = mapping(
  described(
    { server: text, name: promptName, approval: approval.optional(), scopes: scopes.optional(), ...dataKeys, ...costs },
    {
      server: 'The server whose prompt it is.',
      name: 'Its name, or a pattern that is expanded against the lock file.',
      approval: 'A person must approve each use.',
      ...WORDS_OF_ALL,
    },
  ),
  LATER_KEYS,
);

/** What the three have in common. */
export type TargetPart = Pick<ToolPart, 'approval' | 'charges' | 'timeout' | 'labels' | 'sends_to' | 'scopes'> & {
  readonly spend?:
    | {
        readonly class?: string | undefined;
        /** At most, where the result says what it was. */
        readonly amount?: number | undefined;
        /** Names within the output. */
        readonly from?: readonly string[] | undefined;
      }
    | undefined;
};
