import type { AnswerCall } from './answer.ts';

/** Calls that are under way, so that a stop ends the waiting ones and lets the sent ones settle. */
export class CallsUnderWay {
  readonly #stop = new AbortController();
  readonly #open = new Set<Promise<unknown>>();
  /** Aborts when the gateway stops. */
  readonly stopping = this.#stop.signal;

  /** The same answers, counted while they last. */
  counted(answer: AnswerCall): AnswerCall {
    return (received, waiting) => {
      const answered = answer(received, waiting);
      this.#open.add(answered);
      const forget = (): void => void this.#open.delete(answered);
      answered.then(forget, forget);
      return answered;
    };
  }

  stop(): void {
    this.#stop.abort();
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#open);
  }
}
