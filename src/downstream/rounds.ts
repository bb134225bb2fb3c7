/** What a server asks for before an exchange can go on, and the waiting between two of its requests. */
import { setTimeout as after } from 'node:timers/promises';
import { type Answer, cancelWords, type Exchange, type Question } from '../domain/exchange.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Round } from '../wire/outgoing.ts';
import { LONGEST_TIMER } from './links/peer.ts';
import type { ExchangeClock } from './links/questions.ts';
import type { InputRequired } from './read-result.ts';

/** A server that only wants time is asked again after so many milliseconds. */
const PACE = 250;

/** An exchange under way. */
export interface Course {
  readonly exchange: Exchange;
  readonly clock: ExchangeClock;
  /** The revision that the server speaks. */
  readonly revision: string;
  /** What is said when the time is up. */
  readonly late: string;
  /** Never rejects. */
  ask(question: Question): Promise<Answer>;
}

/** Puts all questions of a modern server at once: each must be answered for the exchange to go on (basic/patterns/mrtr.mdx). */
export async function inputRound(course: Course, required: InputRequired): Promise<Result<Round, Outcome>> {
  const { questions, requestState } = required;
  if (questions.length === 0) {
    const over = await pause(course, PACE);
    return over === undefined ? ok({ inputResponses: undefined, requestState }) : unknown(over);
  }
  const asked = await untilOver(course, undefined, askAll(course, questions));
  if (!asked.ok) return unknown(asked.error);
  return asked.value.ok ? ok({ inputResponses: asked.value.value, requestState }) : asked.value;
}

/** The answers by key, or what the first refusal makes of the exchange. */
async function askAll({ ask }: Course, questions: readonly Question[]): Promise<Result<JsonObject, Outcome>> {
  const { promise: refused, resolve } = Promise.withResolvers<Result<never, Outcome>>();
  const answers = questions.map(async (question): Promise<[string, JsonObject]> => {
    const answer = await ask(question);
    if (answer.ok) return [question.key ?? '', answer.result];
    const message = `the server asked for ${question.method} before it would go on, and got no answer: ${answer.message}`;
    resolve(refuse({ outcome: 'rpc_error', code: answer.code, message }));
    return new Promise(() => undefined);
  });
  return Promise.race([refused, Promise.all(answers).then((all) => ok(Object.fromEntries(all)))]);
}

/**
 * Has the client open the URLs that a legacy server wants opened first (2025-11-25, client/elicitation). The server did not
 * run the request, so it is sent again: at a pace that leaves a person time, and each URL is offered once. Refused with the
 * server's own words, `otherwise`, where the client cannot be asked, says no, or the time is up.
 */
export async function urlRound(
  course: Course,
  questions: readonly Question[],
  otherwise: Outcome,
  offered: Set<unknown>,
  rounds: number,
): Promise<Result<undefined, Outcome>> {
  if (!course.exchange.abilities.elicitation.includes('url')) return refuse(otherwise);
  const fresh = questions.filter(({ params }) => !offered.has(params['url']));
  for (const { params } of fresh) offered.add(params['url']);
  const answers = await untilOver(course, undefined, Promise.all(fresh.map(course.ask)));
  if (!answers.ok) return refuse(otherwise);
  const areOpened = answers.value.every((answer) => answer.ok && answer.result['action'] === 'accept');
  if (!areOpened) return refuse(otherwise);
  return (await pause(course, PACE * 2 ** rounds)) === undefined ? ok(undefined) : refuse(otherwise);
}

const cancelledWords = (signal: AbortSignal): string => `${cancelWords(signal)} after it was sent`;

const unknown = (why: string): Result<never, Outcome> => refuse({ outcome: 'unknown', why });

/** Waits, though no longer than the exchange may take. Gives why it is over, where it is. */
export async function pause({ exchange, clock, late }: Course, milliseconds: number): Promise<string | undefined> {
  const left = Math.max(clock.left(), 0);
  const { signal } = exchange.line;
  await after(Math.min(milliseconds, left), undefined, { signal }).catch(() => undefined);
  if (signal.aborted) return cancelledWords(signal);
  return left <= milliseconds ? late : undefined;
}

/** Work between two requests, when nobody else watches the caller, and the clock for `within` ms. Refused with why it is over. */
export async function untilOver<T>(
  { exchange, late }: Course,
  within: number | undefined,
  work: Promise<T>,
): Promise<Result<T, string>> {
  const { signal } = exchange.line;
  const { promise, resolve } = Promise.withResolvers<Result<T, string>>();
  const cancelled = (): void => resolve(refuse(cancelledWords(signal)));
  const passed = (): void => resolve(refuse(late));
  const timer = within === undefined ? undefined : setTimeout(passed, Math.min(Math.max(within, 0), LONGEST_TIMER));
  signal.addEventListener('abort', cancelled);
  if (signal.aborted) cancelled();
  try {
    return await Promise.race([promise, work.then(ok<T>)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancelled);
  }
}
