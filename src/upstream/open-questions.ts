import type { Answer, Question } from '../domain/exchange.ts';
import { INTERNAL_ERROR } from '../wire/faults.ts';
import type { Response } from '../wire/message.ts';
import { takenBackText } from '../wire/notices.ts';
import { questionText, readAnswer } from '../wire/questions.ts';

/** So many questions may wait on one connection: nobody reads more. */
const MOST = 100;

/** Questions that wait for the client of one connection. Its answers are matched by their ids, and with no other's. */
export class OpenQuestions {
  /** Made when first needed: most connections are never asked anything. */
  #open: Map<string, (answer: Answer) => void> | undefined;

  /** Puts a question under `id`, by `say`, and waits. Takes it back when `until` aborts. */
  ask(question: Question, id: string, say: (text: string) => void, until: AbortSignal): Promise<Answer> {
    this.#open ??= new Map();
    const open = this.#open;
    if (until.aborted) return Promise.resolve(unanswered('the client is gone'));
    if (open.size >= MOST) return Promise.resolve(unanswered(`${MOST} questions wait for the client already`));
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const takeBack = (): void => {
      say(takenBackText(id));
      end(unanswered('the question was taken back'));
    };
    const end = (answer: Answer): void => {
      until.removeEventListener('abort', takeBack);
      open.delete(id);
      resolve(answer);
    };
    open.set(id, end);
    until.addEventListener('abort', takeBack, { once: true });
    say(questionText(id, question));
    return promise;
  }

  /** Without effect where no such question is open. `1` is not `"1"`, and all of ours are text. */
  hear(response: Response): void {
    if (typeof response.id === 'string') this.#open?.get(response.id)?.(readAnswer(response));
  }
}

const unanswered = (message: string): Answer => ({ ok: false, code: INTERNAL_ERROR, message });
