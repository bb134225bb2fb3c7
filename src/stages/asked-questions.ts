/** Questions of one call that wait for its client, who hears them in one answer and answers in its next request. */
import type { Round } from '../domain/call.ts';
import type { Answer, Question } from '../domain/exchange.ts';
import { isObject, type JsonObject } from '../domain/json.ts';

/** A server may ask several things at once, in several messages: so long is waited for the others. Milliseconds. */
const GATHER = 10;
const MOST_QUESTIONS = 16;
const INTERNAL_ERROR = -32603;

interface Open {
  readonly question: Question;
  answer(answer: Answer): void;
}

export class AskedQuestions {
  readonly #open = new Map<string, Open>();
  readonly #ahead: Map<string, JsonObject>;
  #wake = Promise.withResolvers<void>();
  /** Something was asked that no caller has been told of. */
  #isNew = false;
  #keys = 0;
  #used: Set<string> | undefined;
  /** How often the client was asked so far. */
  rounds = 0;

  /** `ahead`: answers by key that the client gave before it was asked; each serves once. */
  constructor(ahead: JsonObject = {}) {
    const given = Object.entries(ahead).flatMap(([key, answer]) => (isObject(answer) ? [[key, answer] as const] : []));
    this.#ahead = new Map(given);
  }

  ask(question: Question, until: AbortSignal): Promise<Answer> {
    const key = this.#keyOf(question);
    const ahead = this.#ahead.get(key);
    this.#ahead.delete(key);
    if (ahead !== undefined) return Promise.resolve({ ok: true, result: ahead });
    if (this.#open.size >= MOST_QUESTIONS) return Promise.resolve(unanswered('too many questions wait for the client'));
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const answer = (given: Answer): void => {
      until.removeEventListener('abort', lapse);
      this.#open.delete(key);
      if (this.#open.size === 0) this.#wake = Promise.withResolvers<void>();
      resolve(given);
    };
    const lapse = (): void => answer(unanswered('the question was taken back'));
    until.addEventListener('abort', lapse, { once: true });
    this.#open.set(key, { question, answer });
    this.#isNew = true;
    this.#wake.resolve();
    return promise;
  }

  /** Answers to an earlier round than the last were heard already: their sender only lost our reply. */
  hear({ number, answers, looks }: Round): void {
    if (number !== this.rounds && looks !== true) return;
    for (const [key, result] of Object.entries(answers)) {
      if (isObject(result)) this.#open.get(key)?.answer({ ok: true, result });
    }
  }

  /** All that is asked, once something is; undefined where it was taken back meanwhile. */
  async told(): Promise<Readonly<Record<string, Question>> | undefined> {
    await this.#wake.promise;
    await new Promise((gathered) => setTimeout(gathered, GATHER));
    if (this.#open.size === 0) return undefined;
    if (this.#isNew) this.rounds++;
    this.#isNew = false;
    return this.open;
  }

  /** All that is asked now. */
  get open(): Readonly<Record<string, Question>> {
    return Object.fromEntries([...this.#open].map(([key, { question }]) => [key, question]));
  }

  /** From now on no key is used twice: a task's are unique over its life. */
  useKeysOnce(): void {
    this.#used ??= new Set(this.#open.keys());
  }

  /** The server's own key, so that a client sees what it would have seen without us; else one of ours. */
  #keyOf({ key, method }: Question): string {
    const isFree = (one: string): boolean => !this.#open.has(one) && this.#used?.has(one) !== true;
    let chosen = key;
    while (chosen === undefined || !isFree(chosen)) chosen = `${method.split('/')[0]}_${++this.#keys}`;
    this.#used?.add(chosen);
    return chosen;
  }
}

const unanswered = (message: string): Answer => ({ ok: false, code: INTERNAL_ERROR, message });
