/** The forms of a hold's page, as they are sent: judged by what judges the API's. */
import type { Decision, Hold } from '../../domain/hold.ts';
import { type Result, refuse } from '../../domain/result.ts';
import { ANSWERING, answered, type HoldRoutesOptions } from '../hold-routes.ts';
import { approval, denial } from '../hold-shapes.ts';
import { parsed } from '../parsed.ts';
import { invalid, type Problem } from '../problem.ts';
import { type HoldPageOptions, holdSheet } from './hold-page.ts';
import type { Form, Visit } from './sheet.ts';

type Options = HoldPageOptions & HoldRoutesOptions;

export const holdAnswers = (options: Options): readonly Form[] =>
  (['approve', 'deny'] as const).map((verdict) => ({
    path: `/holds/:id/${verdict}`,
    rights: ANSWERING,
    act: async (visit, fields) => {
      const done = await answeredBy(visit, verdict, fields, options);
      if (done.ok) return { to: `/holds/${done.value.id}` };
      return holdSheet(visit, { verdict, problem: done.error, fields }, options);
    },
  }));

type Fields = Readonly<Record<string, string>>;

async function answeredBy(
  { caller, id }: Visit,
  verdict: Decision['verdict'],
  fields: Fields,
  options: Options,
): Promise<Result<Hold, Problem>> {
  const { passphrase = '', because = '' } = fields;
  if (passphrase === '') return refuse(invalid('passphrase', 'Type your passphrase: to be signed in answers nothing'));
  if (verdict === 'deny' && because.trim() === '') return refuse(invalid('because', 'Say why: the agent is told'));
  const said = { passphrase, ...(because.trim() !== '' && { because }) };
  const given = verdict === 'deny' ? parsed(denial, said) : parsed(approval, { ...said, extend: extensionsIn(fields) });
  if (!given.ok) return given;
  const extend = 'extend' in given.value ? (given.value.extend ?? []) : [];
  return answered({ caller, id, verdict, ...given.value, because: given.value.because, extend }, options);
}

/** `extend.searches` with `10` is `searches=10`. */
const extensionsIn = (fields: Fields): readonly string[] =>
  Object.entries(fields)
    .filter(([name, amount]) => name.startsWith('extend.') && amount.trim() !== '')
    .map(([name, amount]) => `${name.slice('extend.'.length)}=${amount.trim()}`);
