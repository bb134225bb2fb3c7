/** What an agent is told of what is left: all of it for programs, and in words what is nearly used up. */
import { amountWords, type BudgetStanding, inUnits } from '../domain/budget.ts';
import type { Left } from '../domain/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { LEFT_OPENING } from '../domain/openings.ts';
import type { Operation } from '../domain/operation.ts';

/** In words only of the last tenth. */
const NEARLY = 10;

/** For `_meta`: by kind, counts, seconds of runtime, and money. */
export const leftMarks = (left: Left | undefined): JsonObject =>
  left === undefined
    ? {}
    : { 'tollgate/left': Object.fromEntries(left.standings.map((one) => [one.kind, inUnits(one.kind, one.left)])) };

/** `Tollgate: 12 of 200 calls left.`, where some kind is nearly used up. */
export function leftSentence({ standings, currency }: Left): string | undefined {
  const parts = standings.filter(isNearlyUsed).map(({ kind, left, cap }) => {
    const [of, ...unit] = amountWords(kind, cap, currency).split(' ');
    const [count] = amountWords(kind, left, currency).split(' ');
    return `${count} of ${of} ${unit.join(' ')} left`;
  });
  return parts.length === 0 ? undefined : `${LEFT_OPENING}: ${parts.join(', ')}.`;
}

const isNearlyUsed = ({ used, left, cap }: BudgetStanding): boolean => used > 0 && left * NEARLY <= cap;

/** A server's result, with what is left after it. A model reads the words last, after the result's own. */
export function withLeft(result: JsonObject, left: Left | undefined, operation: Operation): JsonObject {
  if (left === undefined) return result;
  const meta = isObject(result['_meta']) ? result['_meta'] : {};
  const marked = { ...result, _meta: { ...meta, ...leftMarks(left) } };
  const words = left.inWords && operation === 'tools/call' ? leftSentence(left) : undefined;
  if (words === undefined) return marked;
  const { structuredContent } = result;
  const content = Array.isArray(result['content']) ? (result['content'] as readonly JsonValue[]) : [];
  // A result that is all structure stays readable as text for who reads the words.
  const own =
    content.length > 0 || structuredContent === undefined
      ? content
      : [{ type: 'text', text: JSON.stringify(structuredContent) }];
  return { ...marked, content: [...own, { type: 'text', text: words }] };
}
