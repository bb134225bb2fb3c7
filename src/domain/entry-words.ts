/** What an entry of a journal says to people, at a terminal and on a page: the same words. */
import type { Entry } from './journal.ts';
import { isObject, type JsonValue } from './json.ts';
import { LOCAL } from './principal.ts';
import { printable } from './printable.ts';

/** What a person looks for first; the JSON of an entry has the rest, digests too. */
const SHOWN = [
  'operation',
  'target',
  'effect',
  'labels',
  'reason',
  'kind',
  'rules',
  'needs',
  'why',
  'hold',
  'verdict',
  'by',
  'because',
  'outcome',
  'actors',
  'state',
  'verb',
  'profile',
  'server',
  'method',
  'type',
  'class',
  'amount',
  'answer',
  'of',
  'stop',
  'key',
];

/** `name=value` each, with nothing hidden in it. */
export function entryWords({ kind, body }: Pick<Entry, 'kind' | 'body'>): readonly string[] {
  const words = SHOWN.flatMap((name) => {
    const value = body[name];
    const isDigest = typeof value === 'string' && value.startsWith('sha256:');
    return value === undefined || isDigest ? [] : [`${name}=${valueWords(value)}`];
  });
  return [
    ...words,
    ...(body['observed'] === undefined ? [] : [observedWords(body['observed'])]),
    ...(kind === 'opened' ? callerWords(body['principal']) : []),
  ];
}

/** A text as it is, anything else as JSON. */
const valueWords = (value: JsonValue | undefined): string =>
  printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** By which client a caller of an issuer came, and who acted for it. */
function callerWords(principal: JsonValue | undefined): readonly string[] {
  if (!isObject(principal) || principal['issuer'] === LOCAL) return [];
  const { client, actors } = principal;
  const acted = Array.isArray(actors) && actors.length > 0 ? [`actors=${valueWords(actors)}`] : [];
  return [`client=${valueWords(client)}`, ...acted];
}

/** What rules that only observe would have done. Nobody is to take them for rules that did it. */
const observedWords = (observed: JsonValue): string =>
  `observed, not enforced: ${(Array.isArray(observed) ? (observed as readonly JsonValue[]) : [])
    .flatMap((one) => (isObject(one) ? [`${valueWords(one['would'])} by ${valueWords(one['rule'])}`] : []))
    .join(', ')}`;
