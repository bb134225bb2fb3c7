import { askable } from '../domain/abilities.ts';
import type { Committed } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import type { Challenge, Credentials } from '../domain/credential.ts';
import type { Answer, Question, Subscriber } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { type Profiles, profileFor } from './choose-profile.ts';
import { guarded } from './guarded-line.ts';
import { wantedBy } from './obtain-credential.ts';
import { stopRefusal } from './stopped.ts';

interface Exchanging extends Judging {
  readonly credentials: Pick<Credentials, 'refused'>;
}

/** Sends the call and waits for its outcome. The connection never rejects; if it did, a byte may have left. */
export const exchange =
  ({ ledger, profiles, credentials, now }: Exchanging) =>
  async (call: Committed, ask: (question: Question) => Promise<Answer>): Promise<Outcome> => {
    const { server, name } = call.contract;
    if (!call.standing.holds()) return { outcome: 'not_sent', why: OVERSLEPT };
    let challenge: Challenge | undefined;
    try {
      const outcome = await call.connection.call({
        operation: call.operation,
        name,
        pin: call.definition?.pin,
        canonical: call.canonical,
        abilities: askable(call.abilities, call.profile.asks.get(server)),
        credential: call.credential,
        challenged: (said) => {
          challenge = said;
        },
        trace: call.trace,
        deadline: call.deadline,
        line: guarded(call.line, server),
        ask: (question) => standingAnswer(call, ask(question)),
        subscriber: call.subscriber && judged(call.subscriber, call, { ledger, profiles, now }),
      });
      // Not sent again by itself: the next call obtains another.
      if (call.credential !== undefined && (challenge !== undefined || isUnauthorized(outcome)))
        credentials.refused(wantedBy(call, call.contract), call.credential, challenge);
      return outcome;
    } catch (fault) {
      return {
        outcome: 'unknown',
        why: `the connection failed: ${fault instanceof Error ? fault.message : String(fault)}`,
      };
    }
  };

const isUnauthorized = (outcome: Outcome): boolean => outcome.outcome === 'rpc_error' && outcome.code === UNAUTHORIZED;

const UNAUTHORIZED = 401;
const OVERSLEPT = 'this gateway did not get through to the ledger for too long, and others may have taken it for dead';
const INTERNAL_ERROR = -32603;

/** Nor is the server told to go on, where others may have settled the call meanwhile. */
async function standingAnswer({ standing }: Committed, answer: Promise<Answer>): Promise<Answer> {
  const given = await answer;
  return standing.holds() ? given : { ok: false, code: INTERNAL_ERROR, message: OVERSLEPT };
}

interface Judging {
  readonly ledger: Ledger;
  readonly profiles: Profiles;
  readonly now: Now;
}

/**
 * Each notification is judged again, by the policy in force now: it must let the caller in, the resource must be an allowed
 * one of this server, the session one that runs and has touched what such a resource is labelled with, since its URI is
 * data, too.
 */
const judged = (subscriber: Subscriber, call: Committed, { ledger, profiles, now }: Judging): Subscriber => ({
  signal: subscriber.signal,
  updated: (uri) => {
    const policy = profileFor(profiles, call.profile.name, call)?.resources.find(
      (one) => one.contract.server === call.contract.server && one.matches(uri, call.dir),
    );
    if (policy === undefined) return;
    const target = targetOf({ ...policy.contract, name: uri });
    Promise.all([ledger.look(call.session.id, now()), stopRefusal(ledger, call, { target })]).then(
      ([snapshot, stopped]) => {
        if (snapshot?.session.state !== 'running' || stopped !== undefined || subscriber.signal.aborted) return;
        if (policy.contract.labels.every((label) => snapshot.labels.includes(label))) subscriber.updated(uri);
      },
      // What cannot be judged is not told.
      () => undefined,
    );
  },
});
