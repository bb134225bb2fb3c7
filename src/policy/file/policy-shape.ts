/** The shape of a policy file, part by part, so that a broken part hides no problem of another. */
import { z } from 'zod';
import { described, json, mapping } from '../../document/mapping.ts';
import { didYouMean } from '../../document/nearest.ts';
import { LATER_SERVER_KEYS, reachKeys, serverName } from '../../document/server-shape.ts';
import { type Asks, ELICITATION_MODES } from '../../domain/abilities.ts';
import { EFFECTS } from '../../domain/contract.ts';
import { givenCall } from '../history/history-shape.ts';
import { VERDICTS } from '../judge/rules.ts';
import { amount, duration } from './amounts.ts';
import { dataKeys, effect, HOUR, mode, spendClass, text, timeout } from './target-shape.ts';
import { whoShape } from './who-shape.ts';

/** The file as a whole; the parts left unknown here are read one by one below. */
export const outline = mapping(
  described(
    {
      version: z.literal(1),
      profile: z
        .string()
        .regex(/^[a-z][a-z0-9-]*$/, 'expected a name: lower-case letters, digits and "-", a letter first'),
      who: whoShape,
      include: text.optional(),
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
    {
      version: 'The version of the format: 1.',
      profile: 'The name that agents work under, and that journals say.',
      who: 'Who may work under this profile. local: agents on this machine; or a list of issuers whose callers may.',
      include: 'A whole policy, relative to this file, that this one is laid over and may only narrow.',
      mode: 'observe: nothing is refused but what cannot be undone; what would be is written down.',
      sets: 'Named lists of plain values, to be used in enum, within, hosts, domains and labels.',
      servers: 'How servers are reached, and what each may do to the client and the session.',
      tools:
        'The allow-list: what is not here does not exist for the agent. Keys are server.tool, or patterns that are expanded against the lock file.',
      resources: 'The resources that agents may read. The first entry that matches judges.',
      prompts: 'The prompts that agents may use.',
      prefix: 'false: agents see the names of the one server without its name in front.',
      flows: 'What may leave once a session has touched what.',
      budgets: 'What a session may use.',
      session: 'What is asked of all calls of a session.',
      tests: 'Calls, and what must be said of each. They are run at every load.',
    },
  ),
  ['oldest_era'],
);

const lifetime = duration(366 * 24 * HOUR, '366d');

/** What the policy says of sessions. */
export const sessionShape = mapping(
  described(
    {
      idle: lifetime.optional(),
      max_age: lifetime.optional(),
      renew: lifetime.optional(),
      require_reason: z.array(z.enum(EFFECTS)).min(1).optional(),
    },
    {
      idle: 'So long without a call, its connections and processes are closed; the session stays: 30m.',
      max_age:
        'The longest age of a session: 8h. An implicit one then has a successor with its labels and what it used.',
      renew: 'Budgets are full again so long after their first charge: 1d. Unsaid is never.',
      require_reason: 'Effects of tools whose calls need a reason of the agent: its own unverified words.',
    },
  ),
  ['record'],
);

/** A person answers each question, or pays for it: more than this in a session is no use anybody has. */
const MOST_SAMPLINGS = 1000;
const MOST_TOKENS = 1_000_000;

const asks = mapping(
  described(
    {
      elicitation: z
        .array(z.enum(ELICITATION_MODES))
        .min(1)
        .superRefine((modes, context) => {
          for (const [at, mode] of modes.entries())
            if (modes.indexOf(mode) < at)
              context.addIssue({ code: 'custom', path: [at], message: `"${mode}" is listed twice` });
        })
        .optional(),
      sampling: mapping(
        described(
          {
            max: z.int().min(1).max(MOST_SAMPLINGS),
            max_tokens: z.int().min(1).max(MOST_TOKENS),
          },
          { max: 'Questions in a session.', max_tokens: 'The longest answer to one.' },
        ),
      ).optional(),
      roots: z.boolean().optional(),
    },
    {
      elicitation: 'It may ask the person: with a form, or by a URL to open.',
      sampling: 'It may ask the model.',
      roots: 'It may ask for the working folders.',
    },
  ),
).transform(
  ({ elicitation = [], sampling, roots = false }): Asks => ({
    elicitation,
    sampling: sampling === undefined ? undefined : { max: sampling.max, maxTokens: sampling.max_tokens },
    roots,
  }),
);

export const serverShape = mapping(
  {
    ...reachKeys,
    ...described(
      {
        defaults: mapping({
          ...described({ effect, timeout }, { effect: 'What its tools do.', timeout: 'How long a call may take.' }),
          ...dataKeys,
        }).optional(),
        asks: asks.optional(),
        shared: z.boolean().optional(),
      },
      {
        defaults: 'What is unsaid of its tools, resources and prompts.',
        asks: 'What it may ask of the client. Unsaid is nothing.',
        shared: 'true: it keeps nothing between two calls, so that one connection serves all sessions.',
      },
    ),
  },
  LATER_SERVER_KEYS,
  { credential: 'in gateway.yaml, at servers.NAME: secrets live in the deployment' },
);

/** What the session has touched, and its earlier calls, the oldest first. */
export const given = mapping(
  described(
    {
      labels: z.array(text).optional(),
      production: z.array(serverName).optional(),
      calls: z.array(givenCall).min(1).optional(),
    },
    {
      labels: 'What the session has touched.',
      production: 'The servers that a person let it reach, where they are production.',
      calls: 'Its earlier calls, the oldest first.',
    },
  ),
);

export const testShape = mapping(
  described(
    {
      name: text,
      call: text,
      arguments: z.record(z.string(), json).optional(),
      expect: z.enum(VERDICTS),
      rule: text.optional(),
      given: given.optional(),
    },
    {
      name: 'What the test shows.',
      call: 'The tool: server.tool.',
      arguments: 'What it is called with.',
      expect: 'What must be said of the call.',
      rule: 'A rule that gave the answer: a path, or the id of a case.',
      given: 'What has happened before; unsaid is nothing.',
    },
  ),
);

export type TestPart = z.infer<typeof testShape>;

export const runtimeCap = duration(30 * 24 * HOUR, '720h');

const currency = z.string().regex(/^[A-Z]{3}$/, 'expected a currency by its ISO 4217 code, such as USD');

/** Classes are of kinds of spending, from the cheapest to the dearest. */
export const spendCap = mapping(
  described(
    {
      classes: z.array(spendClass).min(1).optional(),
      max_class: z.string().optional(),
      max: amount.optional(),
      currency: currency.optional(),
    },
    {
      classes: 'Classes of spending, from the cheapest to the dearest.',
      max_class: 'The dearest class that a session may spend in.',
      max: 'What a session may spend.',
      currency: 'ISO 4217 code, such as USD.',
    },
  ),
).superRefine((spend, context) => {
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
      `there is no class "${most}"; expected one of ${[...new Set(classes)].join(', ')}${didYouMean(most, classes)}`,
    );
});
export const countCap = z.int().min(0);
