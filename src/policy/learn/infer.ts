/**
 * What the values that an argument had say of it, modestly: few short ones that repeat, folders, hosts, mail domains, bounds
 * rounded up to 1, 2 or 5. Nothing of a single text that could have been any. What is inferred holds for every value seen.
 */
import type { JsonValue } from '../../domain/json.ts';
import { emailTest } from '../formats/email.ts';
import { folderTrouble } from '../formats/path.ts';
import { asSchema, type Rule } from '../judge/rule.ts';
import { ruleTest } from '../schema/rule-test.ts';

export interface Inferred {
  readonly rule: Rule;
  /** What it rests on: "14 calls, 3 values seen". */
  readonly because: string;
  /** A value that breaks it. */
  readonly broken: JsonValue;
}

const MOST_VALUES = 6;
const LONGEST_VALUE = 40;
const MOST_HOSTS = 8;
/** In a policy it would stand for something else. */
const REFERENCE = /\$\{/;

/** `values`: one a call. Undefined where nothing can be said. */
export function infer(name: string, values: readonly JsonValue[]): Inferred | undefined {
  const distinct = [...new Set(values.map((value) => JSON.stringify(value)))].map(
    (text) => JSON.parse(text) as JsonValue,
  );
  const because = `${values.length} ${values.length === 1 ? 'call' : 'calls'}, ${distinct.length} ${distinct.length === 1 ? 'value' : 'values'} seen`;
  if (values.length === 0) return undefined;
  for (const guess of guesses(name, values.length, distinct)) {
    if (guess === undefined || REFERENCE.test(JSON.stringify(guess))) continue;
    const [rule, broken] = guess;
    const test = ruleTest(asSchema(rule, { certain: true, complete: false }));
    const sound = distinct.every((value) => test(value, '/session')) && !test(broken, '/session');
    if (sound) return { rule, because, broken };
  }
  return undefined;
}

type Guess = readonly [rule: Rule, broken: JsonValue] | undefined;

/** The most telling first. */
function guesses(name: string, calls: number, distinct: readonly JsonValue[]): readonly Guess[] {
  if (distinct.every((value) => typeof value === 'number')) return [bounds(distinct)];
  if (distinct.every((value) => Array.isArray(value))) {
    const most = roundedUp(Math.max(1, ...distinct.map((value) => value.length)));
    return [[{ maxItems: most }, Array.from({ length: most + 1 }, (_, at) => at)]];
  }
  if (!distinct.every((value) => typeof value === 'string')) return [];
  return [hosts(distinct), mail(distinct), few(calls, distinct), folders(name, distinct), lengths(distinct)];
}

/** Up to the next of 1, 2, 5, 10, 20, 50 ... */
export function roundedUp(value: number): number {
  if (value <= 0) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const next = [1, 2, 5, 10].map((step) => step * power).find((one) => one >= value) ?? value;
  return power >= 1 ? Math.round(next) : Number(next.toPrecision(1));
}

function bounds(values: readonly number[]): Guess {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const minimum = least < 0 ? -roundedUp(-least) : 0;
  const maximum = most > 0 ? roundedUp(most) : 0;
  return [{ minimum, maximum }, maximum + 1];
}

function hosts(values: readonly string[]): Guess {
  const urls = values.map((text) => URL.parse(text));
  if (!urls.every((url) => url !== null && /^https?:$/.test(url.protocol))) return undefined;
  const names = [...new Set(urls.map((url) => url?.host ?? ''))].sort();
  if (names.length > MOST_HOSTS) return undefined;
  const schemes = [...new Set(urls.map((url) => url?.protocol.slice(0, -1) ?? ''))].sort();
  const rule = schemes.join() === 'https' ? { url: { hosts: names } } : { url: { hosts: names, schemes } };
  return [rule, 'https://elsewhere.invalid/'];
}

function mail(values: readonly string[]): Guess {
  const domains = [...new Set(values.map((text) => text.slice(text.indexOf('@') + 1).toLowerCase()))].sort();
  if (!values.every((text) => text.includes('@')) || domains.length > MOST_HOSTS) return undefined;
  const test = emailTest({ domains });
  return values.every((text) => test(text, '/') === 'yes')
    ? [{ email: { domains } }, 'eve@elsewhere.invalid']
    : undefined;
}

/** Each was seen twice and more, on average. */
function few(calls: number, values: readonly string[]): Guess {
  const short = values.every((text) => text.length <= LONGEST_VALUE && !text.includes('\n'));
  if (!short || values.length > MOST_VALUES || calls < 2 * values.length || calls < 3) return undefined;
  return [{ enum: [...values].sort() }, 'something else'];
}

function folders(name: string, values: readonly string[]): Guess {
  const isPath = values.every((text) => text.includes('/')) || /path|file|folder|dir/i.test(name);
  if (!isPath || values.length < 2) return undefined;
  const folder = commonFolder(values);
  if (folder === undefined || folderTrouble(folder) !== undefined) return undefined;
  return [{ path: { within: [folder] } }, folder.startsWith('/') ? '/elsewhere/x' : '../x'];
}

function commonFolder(paths: readonly string[]): string | undefined {
  const split = paths.map((path) => path.split('/').slice(0, -1));
  const [first = []] = split;
  const shared = first.filter(
    (part, at) =>
      split.every((one) => one.slice(0, at + 1).join('/') === first.slice(0, at + 1).join('/')) && part !== undefined,
  );
  const folder = shared.join('/');
  if (paths.every((path) => path.startsWith('/'))) return folder === '' ? undefined : folder;
  return paths.some((path) => path.startsWith('/')) ? undefined : folder || '.';
}

function lengths(values: readonly string[]): Guess {
  if (values.length < 2) return undefined;
  const most = Math.max(10, roundedUp(Math.max(...values.map((text) => [...text].length))));
  return [{ maxLength: most }, 'x'.repeat(most + 1)];
}
