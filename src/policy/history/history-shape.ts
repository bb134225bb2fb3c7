/** The shapes of rules over earlier calls, as `tools` writes them. */
import { z } from 'zod';
import type { Path } from '../../document/document.ts';
import { described, json, kindOf, mapping } from '../../document/mapping.ts';
import type { OutcomeWord } from '../../domain/outcome.ts';
import { amount, duration } from '../file/amounts.ts';
import { rule } from '../judge/rule.ts';
import { placeOf } from './fields.ts';

const DAY = 24 * 3_600_000;
const MOST_DAYS = 30;
const window = duration(MOST_DAYS * DAY, `${MOST_DAYS}d`);
const text = z.string().min(1);

const OUTCOMES = [
  'ok',
  'tool_error',
  'rpc_error',
  'withheld',
  'not_sent',
  'unknown',
  'executed',
  'not_executed',
] as const satisfies readonly OutcomeWord[];

const KEYS = ['after', 'not_after', 'limits'];

/** Whether a text at this place of a policy may say `${arguments.NAME}` of the call that is judged. */
export const mayNameArguments = (path: Path): boolean =>
  path[0] === 'tools' && (isOfHistory(path) || (path[2] === 'shows' && path[3] === 'arguments'));

const isOfHistory = (path: Path): boolean =>
  KEYS.includes(String(path[2])) && ['where', 'sum'].includes(String(path[4]));

const REFERENCE = /^\$\{arguments((?:\.[^.{}]+)+)\}$/;
const EXAMPLE = '$' + '{arguments.NAME}';

/** The names in `${arguments.NAME}`, where that is the whole text. */
export const argumentNamed = (written: string): readonly string[] | undefined =>
  REFERENCE.exec(written)?.[1]?.slice(1).split('.');

/** A text, or the argument of the call that is judged: `${arguments.NAME}` as the whole of it. */
export const compared = z.string().superRefine((written, context) => {
  if (written.includes('$' + '{arguments') && argumentNamed(written) === undefined)
    context.addIssue(`expected ${EXAMPLE} as the whole value, found ${kindOf(written)}`);
});

const tested = rule.superRefine((keywords, context) => {
  const written = JSON.stringify(keywords);
  if (written.includes('$' + '{session.dir}'))
    context.addIssue('the folder of a session says nothing of earlier calls: they may be of other sessions');
  if (written.includes('$' + '{arguments'))
    context.addIssue(`expected fixed values in a rule; to be the same as an argument it is ${EXAMPLE} itself`);
});

const earlier = z
  .string()
  .refine(
    (key) => placeOf(key) !== undefined,
    'expected a field of the earlier call: arguments.NAME or output.NAME, or a name within one',
  );

/** Left the earlier call's, right what it must be: a value, this call's argument, or a rule. */
const where = z.record(earlier, z.union([compared, z.number(), z.boolean(), tested]));

const shared = {
  where: where.optional(),
  per: z.enum(['session', 'principal']).optional(),
  mode: z.literal('observe').optional(),
  reason: text.optional(),
};

const any = z
  .string()
  .refine((word) => word === 'any', 'expected any, or a list of tools')
  .transform(() => 'any' as const);

const WORDS_OF_ALL = {
  where:
    'Left a field of the earlier call (arguments.NAME, output.NAME), right a value, an argument of this call or a rule.',
  per: 'Whose calls: of this session, or of all sessions of the same caller. Unsaid is session.',
  mode: 'observe: only write down what would have been refused.',
  reason: 'Why: whoever is refused reads it.',
};

const after = mapping(
  described(
    {
      tool: text,
      within: window.optional(),
      since: z.union([any, z.array(text).min(1)]).optional(),
      ...shared,
    },
    {
      tool: 'The earlier call: server.tool.',
      within: 'Not longer ago than this, at most 30d.',
      since: 'Tools of which none was called since then; any: no call at all.',
      ...WORDS_OF_ALL,
    },
  ),
);

const notAfter = mapping(
  described(
    { tool: text, within: window.optional(), ...shared },
    { tool: 'The earlier call: server.tool.', within: 'Calls longer ago than this are forgotten.', ...WORDS_OF_ALL },
  ),
);

const sum = z.string().superRefine((written, context) => {
  if (argumentNamed(written) === undefined) context.addIssue(`expected ${EXAMPLE}, found ${kindOf(written)}`);
});

const limit = mapping(
  described(
    { count: z.literal('calls').optional(), sum: sum.optional(), within: window, max: z.number(), ...shared },
    {
      count: 'calls: so many calls.',
      sum: 'An argument whose values are added up.',
      within: 'The window of time, at most 30d.',
      max: 'What the calls or the sum may come to, this call with them.',
      ...WORDS_OF_ALL,
    },
  ),
).transform((written, context) => {
  const { count, sum, max, ...rest } = written;
  const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  if ((count === undefined) === (sum === undefined)) {
    issue([], count === undefined ? 'expected "count: calls" or "sum"' : 'expected "count" or "sum", found both');
    return z.NEVER;
  }
  if (sum === undefined) {
    if (!Number.isSafeInteger(max) || max < 1) issue(['max'], `expected a whole number of at least 1, found ${max}`);
    return { ...rest, names: undefined, most: max };
  }
  const most = amount.safeParse(max);
  for (const { message } of most.error?.issues ?? []) issue(['max'], message);
  return { ...rest, names: argumentNamed(sum), most: most.data ?? 0 };
});

/** These keys of a tool. */
export const historyKeys = {
  after: z.array(after).min(1).optional(),
  not_after: z.array(notAfter).min(1).optional(),
  limits: z.array(limit).min(1).optional(),
};

export type AfterPart = z.infer<typeof after>;
export type NotAfterPart = z.infer<typeof notAfter>;
export type LimitPart = z.infer<typeof limit>;
export type WherePart = z.infer<typeof where>;

export interface HistoryPart {
  readonly after?: readonly AfterPart[] | undefined;
  readonly not_after?: readonly NotAfterPart[] | undefined;
  readonly limits?: readonly LimitPart[] | undefined;
}

/** An earlier call of an inline test. */
export const givenCall = mapping(
  described(
    {
      call: text,
      arguments: z.record(z.string(), json).optional(),
      output: z.record(z.string(), json).optional(),
      ago: window.optional(),
      in_flight: z.literal(true).optional(),
      outcome: z.enum(OUTCOMES).optional(),
    },
    {
      call: 'The tool: server.tool.',
      arguments: 'What it was called with.',
      output: 'What it answered.',
      ago: 'How long ago it ended; unsaid is a moment before the next.',
      in_flight: 'It has not ended.',
      outcome: 'What became of it; unsaid is ok.',
    },
  ),
).superRefine((call, context) => {
  for (const key of ['output', 'outcome', 'ago'] as const) {
    if (call.in_flight !== undefined && call[key] !== undefined)
      context.addIssue({
        code: 'custom',
        path: [key],
        message: 'a call in flight has not ended: take this out, or "in_flight"',
      });
  }
});

export type GivenCall = z.infer<typeof givenCall>;
