/** All stages of the path, built on what they need of the world. */
import type { Credentials } from '../domain/credential.ts';
import type { Downstream } from '../domain/downstream.ts';
import type { Approvers, DirOf, Ledger, NewId, Now, Settlement } from '../domain/ports.ts';
import { afford } from './afford.ts';
import { answerQuestion } from './answer-question.ts';
import { type Authenticate, authenticate } from './authenticate.ts';
import { begin } from './begin.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
import type { Profiles } from './choose-profile.ts';
import { commit } from './commit.ts';
import { enterSession } from './enter-session.ts';
import { exchange } from './exchange.ts';
import { judge } from './judge.ts';
import { authorizing, obtainCredential } from './obtain-credential.ts';
import type { OpenExchanges } from './open-exchanges.ts';
import { type FindOpen, prepare } from './prepare.ts';
import { recordRefusal } from './record-refusal.ts';
import { requireApproval } from './require-approval.ts';
import { resolveTarget } from './resolve-target.ts';
import { settle } from './settle.ts';
import { type Reading, shownContent } from './shown-content.ts';
import type { NamesOf } from './target.ts';
import { verifyResult } from './verify-result.ts';

export interface Needed {
  readonly ledger: Ledger;
  readonly downstream: Downstream;
  readonly credentials: Pick<Credentials, 'obtain' | 'refused'>;
  readonly approvers: Approvers;
  readonly exchanges: OpenExchanges;
  readonly flights: CallsInFlight;
  /** What other replicas hold: connections of sessions, calls between two rounds. Undefined where there are none. */
  readonly elsewhere?: { readonly connect: Downstream['connect']; readonly findOpen: FindOpen } | undefined;
  readonly policies: { readonly byName: Profiles; readonly names: NamesOf };
  readonly who: Authenticate;
  readonly dirOf: DirOf;
  /** The path that these stages are of: what a person is shown is read on it. */
  readonly present: Reading['present'];
  readonly newId: NewId;
  readonly now: Now;
  /** Has an outcome written that the ledger could not take. */
  readonly later?: (settlement: Settlement) => void;
  /** Told of a ledger that failed after the call was made. */
  readonly fault: (error: unknown) => void;
}

export const stagesOf = ({
  ledger,
  downstream,
  credentials,
  approvers,
  exchanges,
  flights,
  elsewhere,
  policies,
  who,
  dirOf,
  present,
  newId,
  now,
  later = () => undefined,
  fault,
}: Needed) => ({
  authenticate: authenticate(who),
  enterSession: enterSession(ledger, policies.byName, dirOf, now),
  resolveTarget: resolveTarget({ ledger, downstream, credentials, names: policies.names, now }),
  judge: judge(ledger, now),
  afford: afford(),
  requireApproval: requireApproval(ledger, now, shownContent({ present, newId, now })),
  obtainCredential: obtainCredential(authorizing(credentials)),
  prepare: prepare(
    elsewhere ?? downstream,
    (call, server) => exchanges.find(call) ?? elsewhere?.findOpen(call, server),
    { ledger, credentials },
  ),
  commit: commit(ledger, approvers, now, later),
  begin: begin(exchanges, flights),
  exchange: exchange({ ledger, profiles: policies.byName, credentials, now }),
  verifyResult: verifyResult(),
  settle: settle({ ledger, now, later, fault }),
  answerQuestion: answerQuestion(ledger, now),
  recordRefusal: recordRefusal(ledger, now),
});
