/** Presents a call and waits as long as its caller can: for a person's answer, or for the identical call under way. */
import type { Asked, Received, Route, Settled } from '../domain/call.ts';
import type { ListKind, Offers } from '../domain/downstream.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Caller, Presented } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Memory } from '../stages/memory/memory.ts';
import type { Tasks } from '../stages/tasks/tasks.ts';

/** Lists that a client may ask for, by the member of the result that holds the entries. */
export type Listed = 'tools' | 'prompts' | 'resources' | 'resourceTemplates';

/** The path, as the doors see it. */
export interface Path {
  authenticate(presented: Presented): Caller | undefined | Promise<Caller | undefined>;
  /** The entries of a list that this caller may see, described. */
  list(presented: Presented, route: Route, list: Listed): Promise<Result<readonly JsonObject[], Refusal>>;
  /** What this caller's servers offer together: capabilities as a server declares them, and their instructions. */
  offers(presented: Presented, route: Route): Promise<Result<Offers, Refusal>>;
  /** Tells of lists of this caller's servers that changed, until `signal` aborts. */
  listen(
    presented: Presented,
    route: Route,
    changed: (list: ListKind) => void,
    signal: AbortSignal,
  ): Promise<Result<void, Refusal>>;
  present(received: Received): Promise<Result<Settled | Asked, Refusal>>;
  /** Resolves when the hold is no longer open, or when `signal` aborts. False: nobody answered it in time. */
  answered(hold: string, signal: AbortSignal): Promise<boolean>;
  /** Resolves when the login behind our link is finished, or when `signal` aborts. */
  loggedIn(url: string, signal: AbortSignal): Promise<void>;
  /** What a session's own agent reads back of it, and writes down in it. */
  readonly memory: Memory;
  /** How tasks stand, for the clients that take them. */
  readonly tasks: Tasks;
  /** The outcome of a call, once it has one; undefined when `signal` aborts before, or nothing was kept. */
  recall(call: Extract<Refusal, { reason: 'repeated' }>, signal: AbortSignal): Promise<Settled | undefined>;
}

/** How a waiting caller is kept: told that it waits, and for how long it can. */
export interface Waiting {
  /**
   * Called once, when the answer will take a person or another call: `why`. Undefined: it is not waited for. The signal aborts when the caller is gone: a call in
   * flight may outlive its connection, a waiting one may not, since nothing is to run for nobody.
   */
  begin(why: Refusal): AbortSignal | undefined;
  /** Milliseconds from the call's receipt. */
  readonly patience: number;
}

export type AnswerCall = (received: Received, waiting: Waiting) => Promise<Result<Settled | Asked, Refusal>>;

/** `stopping` aborts when the gateway ends: waiting ends then, what was sent is settled. */
export const answerCall =
  (path: Path, stopping: AbortSignal): AnswerCall =>
  async (received, waiting) => {
    const first = await path.present(received);
    if (first.ok || !WAITS.has(first.error.reason)) return first;
    const gone = waiting.begin(first.error);
    if (gone === undefined) return first;
    const until = AbortSignal.any([received.line.signal, gone, stopping, AbortSignal.timeout(waiting.patience)]);
    let reply: Result<Settled | Asked, Refusal> = first;
    while (!reply.ok && reply.error.reason === 'held') {
      const inTime = await path.answered(reply.error.hold.id, until);
      if (until.aborted) return reply;
      // Presented again it would ask anew, and whoever did not answer is not asked twice.
      if (!inTime) return refuse(UNANSWERED);
      reply = await path.present(received);
    }
    if (reply.ok || reply.error.reason !== 'repeated') return reply;
    const settled = await path.recall(reply.error, until);
    return settled === undefined ? reply : ok(settled);
  };

export const UNANSWERED: Refusal = {
  reason: 'denied',
  rules: [],
  why: 'nobody answered in time',
  remedy: 'Tell the user. The same call asks again.',
};

const WAITS: ReadonlySet<Refusal['reason']> = new Set(['held', 'repeated']);
