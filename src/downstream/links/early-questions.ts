/**
 * What a legacy server asks before the first call on its connection was made: many ask for roots as soon as they are
 * initialized. The call that the connection was opened for puts it, before it is sent.
 */
import type { Answer, Question } from '../../domain/exchange.ts';
import { MOST_QUESTIONS, notAsked } from './questions.ts';

/** How long a question waits for that call. Milliseconds. */
const CALL_WITHIN = 5_000;

interface Early {
  readonly question: Question;
  tell(answer: Answer): Promise<void>;
  readonly timer: NodeJS.Timeout;
}

export class EarlyQuestions {
  readonly #waiting = new Set<Early>();
  #isOver = false;

  /** Keeps a question for the first call; false where that was made, or too many wait. `tell` gives the server its answer. */
  keep(question: Question, tell: Early['tell']): boolean {
    if (this.#isOver || this.#waiting.size >= MOST_QUESTIONS) return false;
    const lapse = (): void => {
      this.#waiting.delete(early);
      void tell(notAsked(question.method));
    };
    const early: Early = { question, tell, timer: setTimeout(lapse, CALL_WITHIN).unref() };
    this.#waiting.add(early);
    return true;
  }

  /** Puts what waits, all at once. Resolves when the server has the answers; undefined where nothing waits. */
  put(ask: (question: Question) => Promise<Answer>): Promise<unknown> | undefined {
    this.#isOver = true;
    if (this.#waiting.size === 0) return undefined;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    return Promise.all(
      waiting.map(async ({ question, tell, timer }) => {
        clearTimeout(timer);
        await tell(await ask(question));
      }),
    );
  }
}
