/** How one request waits for a person: what its client is offered meanwhile, for how long it is kept, and how it may come back. */
import type { Received } from '../domain/call.ts';
import type { Question } from '../domain/exchange.ts';
import type { Operation } from '../domain/operation.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Seal } from '../wire/seal.ts';
import type { Waiting } from './answer.ts';
import type { Turn } from './conversation.ts';
import { asksToOpen, type CameBack, canOpenUrls, pageOf, questionOf, sealLogin, sealWait } from './offer-page.ts';
import { takesTasks } from './tasks.ts';

/** Operations whose client comes back with answers (basic/patterns/mrtr.mdx). */
export const IN_ROUNDS: ReadonlySet<Operation> = new Set(['tools/call', 'prompts/get', 'resources/read']);

/** What a client is asked before it comes back, and the state it comes back with. */
interface NextRound {
  readonly questions: Readonly<Record<string, Question>>;
  readonly state: string;
}

export class Wait implements Waiting {
  readonly #turn: Turn;
  readonly #received: Received;
  readonly #token: string | number | undefined;
  readonly #back: CameBack | undefined;
  readonly #rounds: number;
  readonly #over = new AbortController();
  readonly patience: number;
  /** Whether its client answers in its next request. */
  readonly #comesBack: boolean;
  #gone: AbortSignal | undefined;

  constructor(turn: Turn, received: Received, token: string | number | undefined, back: CameBack | undefined) {
    const { wait, rounds } = turn.keeper.patienceOf(turn.caller.client.name);
    this.#turn = turn;
    this.#received = received;
    this.#token = token;
    this.#back = back;
    this.#rounds = rounds;
    this.patience = wait;
    this.#comesBack = turn.caller.era === 'modern' && IN_ROUNDS.has(received.operation);
  }

  begin(why: Refusal): AbortSignal | undefined {
    if (takesTasks(this.#received)) return undefined;
    const page = pageOf(why, this.#turn.keeper.holdUrl);
    if (page !== undefined && this.#offers(page.kind)) {
      if (this.#comesBack) return undefined;
      // Whatever is answered: the wait is for the person, and takes the question back when it ends.
      void asksToOpen(this.#received, page, this.#over.signal);
    }
    return this.opened();
  }

  /** The stream is open from now on, and says that it waits. Aborts when nobody reads it any more. */
  opened(): AbortSignal {
    if (this.#gone === undefined) this.#turn.reply.waiting(this.#token);
    this.#gone ??= this.#turn.reply.gone();
    return this.#gone;
  }

  /** A legacy client's user opens the login that comes first, and has finished it, or the wait is over. */
  async untilLoggedIn(refusal: Refusal): Promise<boolean> {
    const page = pageOf(refusal, this.#turn.keeper.holdUrl);
    if (page?.kind !== 'login' || this.#comesBack || !this.#offers('login')) return false;
    if (!(await asksToOpen(this.#received, page, this.#received.line.signal))) return false;
    await this.untilFinished(page.url);
    return true;
  }

  /** Waits until this login is finished, or its caller is gone or out of patience. */
  untilFinished(url: string): Promise<void> {
    const { path, stopping } = this.#turn.keeper;
    const ends = [this.#received.line.signal, this.opened(), stopping, AbortSignal.timeout(this.patience)];
    return path.loggedIn(url, AbortSignal.any(ends));
  }

  /** How a client of rounds waits on; undefined where it is told how it stands. */
  next(refusal: Refusal, seal: Seal): NextRound | undefined {
    if (!this.#comesBack) return undefined;
    const { keeper } = this.#turn;
    const waited = this.#back?.kind === 'hold' ? this.#back.waited : 0;
    const page = pageOf(refusal, keeper.holdUrl);
    if (page !== undefined && this.#offers(page.kind)) {
      const question = questionOf(page);
      const at = keeper.now();
      const state = page.kind === 'login' ? sealLogin(page.url, at, seal) : sealWait(waited, at, seal);
      return { questions: { [question.key ?? page.kind]: question }, state };
    }
    if (refusal.reason !== 'held' || keeper.stopping.aborted || waited + 1 >= this.#rounds) return undefined;
    return { questions: {}, state: sealWait(waited + 1, keeper.now(), seal) };
  }

  /** Nothing is offered any more. */
  end(): void {
    this.#over.abort();
  }

  /** Each page once. */
  #offers(kind: CameBack['kind']): boolean {
    return canOpenUrls(this.#received) && this.#back?.kind !== kind;
  }
}
