/** What a server asks of the client in the middle of an exchange: which questions it may put, and what they cost in time. */
import { type Answer, type Exchange, QUESTIONS, type Question, type QuestionMethod } from '../../domain/exchange.ts';
import { isObject, type JsonValue } from '../../domain/json.ts';
import type { Operation } from '../../domain/operation.ts';
import type { Now } from '../../domain/ports.ts';

/** Questions of one exchange that may be open at the same time. */
export const MOST_QUESTIONS = 16;
/** Questions of one request of ours, over its whole life: each goes on record, also one that is refused. */
export const MOST_ASKED = 160;

const METHOD_NOT_FOUND = -32601;
const INTERNAL_ERROR = -32603;

const isQuestionMethod = (method: JsonValue | undefined): method is QuestionMethod =>
  (QUESTIONS as readonly unknown[]).includes(method);

/** Undefined where this is no question that the protocol knows. */
export function readQuestion(
  method: JsonValue | undefined,
  params: JsonValue | undefined,
  key: string | undefined,
): Question | undefined {
  if (!isQuestionMethod(method) || !(params === undefined || isObject(params))) return undefined;
  return { method, params: params ?? {}, key };
}

/** The answer to a question that nobody can be asked. */
export const notAsked = (method: string): Answer => ({
  ok: false,
  code: METHOD_NOT_FOUND,
  message: `Method not found: ${method.slice(0, 100)}`,
});

/** Requests in the middle of which the client may be asked (basic/patterns/mrtr.mdx); we hold legacy servers to the same. */
export const ASKING: Readonly<Record<Operation, boolean>> = {
  'tools/call': true,
  'prompts/get': true,
  'resources/read': true,
  'completion/complete': false,
  'resources/subscribe': false,
};

/** What is left of an exchange's time. It stands still while a question is open: that time is not the server's. */
export class ExchangeClock {
  readonly #now: Now;
  #deadline: number;
  #open = 0;
  #since = 0;

  constructor(now: Now, deadline: number) {
    this.#now = now;
    this.#deadline = deadline;
  }

  /** Milliseconds; not positive once the time is up. */
  left(): number {
    return this.#deadline - (this.#open > 0 ? this.#since : this.#now());
  }

  /** Puts a question, while the clock stands still. Rejects as `asked` does. */
  async during(asked: () => Promise<Answer>): Promise<Answer> {
    if (this.#open++ === 0) this.#since = this.#now();
    try {
      return await asked();
    } finally {
      if (--this.#open === 0) this.#deadline += this.#now() - this.#since;
    }
  }
}

/** Puts the questions of an exchange, also those that will be refused: a refused one is on record. Never rejects. */
export const asker =
  (exchange: Exchange, clock: ExchangeClock) =>
  async (question: Question): Promise<Answer> => {
    try {
      return await clock.during(() => exchange.ask(question));
    } catch {
      return { ok: false, code: INTERNAL_ERROR, message: 'the question could not be asked' };
    }
  };
