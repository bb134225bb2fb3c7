/**
 * THE PATH. A call is presented; `decide` says whether it may be made, `commit` makes that true in one transaction, and
 * `perform` makes the call. Before `commit` nothing is charged or consumed; after it nothing returns early.
 */
import type {
  Afforded,
  Approved,
  Asked,
  Authenticated,
  Authorized,
  Committed,
  InSession,
  Judged,
  Prepared,
  Received,
  Resolved,
  Settled,
  Stage,
  Stopped,
} from './domain/call.ts';
import type { Answer, Question } from './domain/exchange.ts';
import type { Outcome } from './domain/outcome.ts';
import type { Refusal, Stale } from './domain/refusal.ts';
import { ok, type Result, refuse } from './domain/result.ts';

export interface Stages {
  readonly authenticate: Stage<Received, Authenticated>;
  readonly enterSession: Stage<Authenticated, InSession>;
  readonly resolveTarget: Stage<InSession, Resolved>;
  readonly judge: Stage<Resolved, Judged>;
  readonly afford: Stage<Judged, Afforded>;
  /** `stale` where reading what a person is shown raised labels. */
  readonly requireApproval: (call: Afforded) => Promise<Result<Approved, Refusal | Stale>>;
  readonly obtainCredential: Stage<Approved, Authorized>;
  readonly prepare: Stage<Authorized, Prepared>;
  /** The point of no return. `stale` means that the world changed meanwhile: decide once more. */
  readonly commit: (call: Prepared) => Promise<Result<Committed, Refusal | Stale>>;
  /** Runs a committed call to its end, or to the first questions that its client must come back for. */
  readonly begin: (call: Committed, run: (call: Committed) => Promise<Settled>) => Promise<Settled | Asked>;
  readonly exchange: (call: Committed, ask: (question: Question) => Promise<Answer>) => Promise<Outcome>;
  readonly verifyResult: (call: Committed, outcome: Outcome) => Outcome;
  readonly settle: (call: Committed, outcome: Outcome) => Promise<Settled>;
  readonly answerQuestion: (call: Committed, question: Question) => Promise<Answer>;
  readonly recordRefusal: (stopped: Stopped) => Promise<void>;
}

/** How often a call is decided again because the world changed between the decision and the commit. */
const DECISIONS = 5;

/**
 * Presents a call: it is refused, or made once and settled, or its server asks something first, and the next round goes on
 * with it. Rejects when the ledger cannot be used: nothing runs then.
 */
export async function present(stages: Stages, received: Received): Promise<Result<Settled | Asked, Refusal>> {
  for (let decision = 1; ; decision++) {
    const committed = await commit(stages, await decide(stages, received));
    if (committed.ok) return ok(await perform(stages, committed.value));
    const { call, refusal } = committed.error;
    if (refusal.reason !== 'stale') return stop(stages, { call, refusal });
    if (decision === DECISIONS) throw new Error(`call ${received.id} was stale ${DECISIONS} times`);
  }
}

/** Why it is not made, or why it must be decided once more. */
type Undecided = Pick<Stopped, 'call'> & { readonly refusal: Refusal | Stale };

/** May this call be made? Read top to bottom; the first refusal is the answer. */
async function decide(stages: Stages, received: Received): Promise<Result<Prepared, Undecided>> {
  const authenticated = await stages.authenticate(received);
  if (!authenticated.ok) return refuse({ call: received, refusal: authenticated.error });
  const inSession = await stages.enterSession(authenticated.value);
  if (!inSession.ok) return refuse({ call: authenticated.value, refusal: inSession.error });
  const resolved = await stages.resolveTarget(inSession.value);
  if (!resolved.ok) return refuse({ call: inSession.value, refusal: resolved.error });
  const judged = await stages.judge(resolved.value);
  if (!judged.ok) return refuse({ call: resolved.value, refusal: judged.error });
  const afforded = await stages.afford(judged.value);
  if (!afforded.ok) return refuse({ call: judged.value, refusal: afforded.error });
  const approved = await stages.requireApproval(afforded.value);
  if (!approved.ok) return refuse({ call: afforded.value, refusal: approved.error });
  const authorized = await stages.obtainCredential(approved.value);
  if (!authorized.ok) return refuse({ call: approved.value, refusal: authorized.error });
  const prepared = await stages.prepare(authorized.value);
  if (!prepared.ok) return refuse({ call: authorized.value, refusal: prepared.error });
  return prepared;
}

/** The point of no return, for a call that may be made. */
async function commit(stages: Stages, decided: Result<Prepared, Undecided>): Promise<Result<Committed, Undecided>> {
  if (!decided.ok) return decided;
  const committed = await stages.commit(decided.value);
  return committed.ok ? committed : refuse({ call: decided.value, refusal: committed.error });
}

/** Makes a committed call, or goes on with the one that this is a round of. */
const perform = (stages: Stages, call: Committed): Promise<Settled | Asked> =>
  call.open === undefined ? stages.begin(call, (begun) => complete(stages, begun)) : call.open.goOn(call);

/** The exchange, from its first byte to its record. Every intent gets an outcome; `unknown` is an honest one. */
async function complete(stages: Stages, call: Committed): Promise<Settled> {
  const outcome = await stages.exchange(call, (question) => ask(stages, call, question));
  return stages.settle(call, stages.verifyResult(call, outcome));
}

/** What a server asks of the client while its call is open: judged, journalled, answered. */
const ask = (stages: Stages, call: Committed, question: Question): Promise<Answer> =>
  stages.answerQuestion(call, question);

/** No call without a journal entry: a refused one has its own. */
async function stop(stages: Stages, stopped: Stopped): Promise<Result<never, Refusal>> {
  await stages.recordRefusal(stopped);
  return refuse(stopped.refusal);
}
