/** Schema keywords in words that an agent can act on, each fit to stand after "must be" or "is". */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import type { EmailOperand } from '../formats/email.ts';
import { type PathOperand, SESSION_DIR } from '../formats/path.ts';
import type { UrlOperand } from '../formats/url.ts';

const MOST_VALUES = 12;
const LONGEST = 200;

const TYPE_WORDS: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  number: 'a number',
  integer: 'a whole number',
  string: 'text',
};

const KEYWORD_WORDS: Readonly<Record<string, (operand: JsonValue) => string>> = {
  type: (types) =>
    (Array.isArray(types) ? types : [types]).map((type) => TYPE_WORDS[String(type)] ?? type).join(' or '),
  enum: (values) => `one of ${listOf((values as readonly JsonValue[]).map(literal))}`,
  const: literal,
  minimum: (least) => `>= ${least}`,
  maximum: (most) => `<= ${most}`,
  exclusiveMinimum: (least) => `> ${least}`,
  exclusiveMaximum: (most) => `< ${most}`,
  multipleOf: (step) => `a multiple of ${step}`,
  minLength: (least) => `text of at least ${least} characters`,
  maxLength: (most) => `text of at most ${most} characters`,
  pattern: (pattern) => `text of the form ${pattern}`,
  path: (format) => `a path within ${either((format as unknown as PathOperand).within.map(folderWords))}`,
  url: (format) => {
    const { schemes = ['https'], hosts } = format as unknown as UrlOperand;
    return `an ${either(schemes)} URL at ${either(hosts)}`;
  },
  email: (format) => `one mail address at ${either((format as unknown as EmailOperand).domains)}`,
  minItems: (least) => `a list of at least ${least}`,
  maxItems: (most) => `a list of at most ${most}`,
  uniqueItems: () => 'a list without duplicates',
  minProperties: (least) => `an object of at least ${least} members`,
  maxProperties: (most) => `an object of at most ${most} members`,
  required: (names) => `an object with ${listOf((names as readonly string[]).map(quoted))}`,
  items: (rule) => (rule === false ? 'a list of no further items' : `a list of items that are each ${grouped(rule)}`),
  prefixItems: (rules) => `a list that starts with ${(rules as readonly JsonValue[]).map(grouped).join(', then ')}`,
  contains: (rule) => `a list with an item that is ${grouped(rule)}`,
  properties: (members) =>
    `an object whose ${Object.entries(members as JsonObject)
      .map(([name, rule]) => `${quoted(name)} is ${grouped(rule ?? null)}`)
      .join(', ')}`,
  additionalProperties: (rule) =>
    rule === false ? 'an object with no other members' : `an object whose other members are each ${grouped(rule)}`,
  anyOf: (rules) => (rules as readonly JsonValue[]).map(grouped).join(' or '),
  allOf: (rules) => (rules as readonly JsonValue[]).map(grouped).join(' and '),
  not: (rule) => `not ${grouped(rule)}`,
};

/** What a lower bound says together with the upper one. */
const BOTH: Readonly<Record<string, readonly [upper: string, words: (least: JsonValue, most: JsonValue) => string]>> = {
  minLength: ['maxLength', (least, most) => `text of ${least} to ${most} characters`],
  minItems: ['maxItems', (least, most) => `a list of ${least} to ${most}`],
};

/** A whole rule: `>= 0 and <= 500`. */
export function ruleWords(rule: JsonObject): string {
  const joined = new Map<string, string | undefined>();
  for (const [lower, [upper, words]] of Object.entries(BOTH)) {
    const [least, most] = [rule[lower], rule[upper]];
    if (least === undefined || most === undefined) continue;
    joined.set(lower, words(least, most));
    joined.set(upper, undefined);
  }
  return Object.entries(rule)
    .map(([keyword, operand]) => (joined.has(keyword) ? joined.get(keyword) : keywordWords(keyword, operand)))
    .filter((words) => words !== undefined)
    .join(' and ');
}

/** One keyword: `<= 500`. Undefined for keywords that have no words here. */
export function keywordWords(keyword: string, operand: JsonValue | undefined): string | undefined {
  const inWords = Object.hasOwn(KEYWORD_WORDS, keyword) ? KEYWORD_WORDS[keyword] : undefined;
  return operand === undefined ? undefined : inWords?.(operand);
}

/** A name in backquotes, cut where it is longer than anybody reads. */
export const quoted = (name: string): string => `\`${shortened(name)}\``;

export const shortened = (text: string): string => (text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}...`);

export const listOf = (words: readonly string[]): string =>
  words.length <= MOST_VALUES
    ? words.join(', ')
    : `${words.slice(0, MOST_VALUES).join(', ')} and ${words.length - MOST_VALUES} more`;

/** Shorter than `listOf` where there is a choice of few. */
const either = (words: readonly string[]): string =>
  words.length <= MOST_VALUES ? words.join(' or ') : `one of ${listOf(words)}`;

const folderWords = (folder: string): string =>
  folder.startsWith(SESSION_DIR) ? `the session's folder${folder.slice(SESSION_DIR.length)}` : folder;

function literal(value: JsonValue): string {
  return shortened(JSON.stringify(value));
}

function grouped(rule: JsonValue): string {
  const words = isObject(rule) ? ruleWords(rule) : String(rule);
  return words.includes(' and ') || words.includes(' or ') ? `(${words})` : words;
}
