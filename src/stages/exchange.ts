import { askable } from '../domain/abilities.ts';
import type { Committed } from '../domain/call.ts';
import { targetOf } from '../domain/contract.ts';
import type { Answer, Line, Question, Subscriber } from '../domain/exchange.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { ok, type Result } from '../domain/result.ts';
import { readText, readValue } from '../policy/output/reading.ts';
import { type Profiles, profileFor } from './choose-profile.ts';
import { stopRefusal } from './stopped.ts';

/** Sends the call and waits for its outcome. The connection never rejects; if it did, a byte may have left. */
export const exchange =
  (ledger: Ledger, profiles: Profiles, now: Now) =>
  async (call: Committed, ask: (question: Question) => Promise<Answer>): Promise<Outcome> => {
    const { server, name } = call.contract;
    try {
      return await call.connection.call({
        operation: call.operation,
        name,
        pin: call.definition?.pin,
        canonical: call.canonical,
        abilities: askable(call.abilities, call.profile.asks.get(server)),
        trace: call.trace,
        deadline: call.deadline,
        line: guarded(call.line, server),
        ask,
        subscriber: call.subscriber && judged(call.subscriber, call, { ledger, profiles, now }),
      });
    } catch (fault) {
      return {
        outcome: 'unknown',
        why: `the connection failed: ${fault instanceof Error ? fault.message : String(fault)}`,
      };
    }
  };

/** What a server says while it works is read by people and models too: as a result is, on one line where it is one, and named. */
const guarded = (line: Line, server: string): Line => ({
  signal: line.signal,
  progress: (step) => line.progress({ ...step, message: step.message && told(oneLine(step.message, server)) }),
  logLevel: line.logLevel,
  log: ({ level, logger, data }) =>
    line.log({
      level,
      logger: logger === undefined ? server : `${server}/${told(oneLine(logger, server))}`,
      data: told<JsonValue>(readValue(data, server)),
    }),
  ask: line.ask,
});

const LONGEST_LINE = 500;

/** Read before it is cut: half of a secret is one too. */
function oneLine(said: string, server: string): Result<string, string> {
  const read = readText(said, server);
  return read.ok ? ok(read.value.replaceAll(/[\t\n\u2028\u2029]+/g, ' ').slice(0, LONGEST_LINE)) : read;
}

/** What was said, or a note in its place. */
const told = <Said>(read: Result<Said, string>): Said | string =>
  read.ok ? read.value : `Left out: it ${read.error}.`;

interface Judging {
  readonly ledger: Ledger;
  readonly profiles: Profiles;
  readonly now: Now;
}

/**
 * Each notification is judged again, by the policy in force now: it must let the caller in, the resource must be an allowed one of this server, the
 * session one that runs and has touched what such a resource is labelled with, since its URI is data, too.
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
