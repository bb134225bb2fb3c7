/** The path in this process, of real parts: ledger file, policy text, server processes, people's keys. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { Amounts } from '../../src/domain/budget.ts';
import type { Asked, Received } from '../../src/domain/call.ts';
import type { Credentials } from '../../src/domain/credential.ts';
import type { Line } from '../../src/domain/exchange.ts';
import type { Hold } from '../../src/domain/hold.ts';
import { type Entry, GATEWAY_CHAIN } from '../../src/domain/journal.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { localCaller } from '../../src/domain/principal.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import type { Snapshot } from '../../src/domain/session.ts';
import { openDownstream } from '../../src/downstream/downstream.ts';
import { type Home, homeOf } from '../../src/home.ts';
import { loadApprovers } from '../../src/identity/approvers.ts';
import { secretKey } from '../../src/identity/keys.ts';
import { loopbackAuthenticator } from '../../src/identity/loopback.ts';
import { present, type Stages } from '../../src/pipeline.ts';
import { PolicyBook } from '../../src/policy/book.ts';
import { CallsInFlight } from '../../src/stages/calls-in-flight.ts';
import { lists } from '../../src/stages/lists.ts';
import { type Memory, memory } from '../../src/stages/memory/memory.ts';
import { offers } from '../../src/stages/offers.ts';
import { OpenExchanges } from '../../src/stages/open-exchanges.ts';
import { stagesOf } from '../../src/stages/stages-of.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { putOut, putOutFiles } from './canaries.ts';
import { environmentOf } from './gateway.ts';
import type { Person } from './person.ts';

/** Of servers that take none. */
export const NO_CREDENTIALS: Pick<Credentials, 'obtain' | 'refused'> = {
  obtain: () => ({ ok: true, value: undefined }),
  refused: () => undefined,
};

export const TOKEN = 'the token of the loopback door';

export interface PathOptions {
  /** Whose agent calls. */
  readonly user?: string;
  /** Only one path on a folder at a time may be the owner. */
  readonly role?: 'owner' | 'visitor';
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** The text of the lock file beside the policy. */
  readonly lock?: string;
}

export interface OpenPath {
  readonly home: Home;
  readonly ledger: Ledger;
  readonly stages: Stages;
  readonly exchanges: OpenExchanges;
  readonly flights: CallsInFlight;
  readonly list: ReturnType<typeof lists>;
  readonly offers: ReturnType<typeof offers>;
  readonly memory: Memory;
  /** What the operator was told of the servers, a line each. */
  readonly reports: readonly string[];
  /** Presents a call of `server__tool`; `as` replaces what an honest caller brings. */
  call(name: string, given: JsonObject, as?: Partial<Received>): Promise<Presented>;
  /** The one session, opened by the first call. */
  session(): Promise<Snapshot>;
  /** The journal of that session, or of the gateway's chain. */
  journal(chain?: 'gateway'): Promise<readonly Entry[]>;
  /** A person's signed answer to a hold. */
  answer(person: Person, hold: string, verdict: 'approve' | 'deny', because?: string, extend?: Amounts): Promise<void>;
  close(): Promise<void>;
}

export interface Presented {
  readonly id: string;
  /** The text of the result, or `reason` of the refusal. */
  readonly said: string;
  readonly refusal: Refusal | undefined;
  readonly outcome: JsonObject | undefined;
  /** What the server asks first. */
  readonly asked?: Asked;
}

let count = 0;

/** Opens the path for the profile of this policy text, on the home in `folder`. */
export async function openPath(folder: string, policy: string, options: PathOptions = {}): Promise<OpenPath> {
  const { user = 'ada', role = 'owner', now = Date.now } = options;
  const home = homeOf(environmentOf(folder));
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const policies = new PolicyBook(new Map());
  const lock = options.lock === undefined ? undefined : { file: join(folder, 'policy.lock.json'), text: options.lock };
  const added = policies.add({ file: join(folder, 'policy.yaml'), text: policy }, lock);
  if (!added.ok) throw new Error(added.error.join('\n'));
  const ledger = await openSqlite({ file: home.ledger, contentKey: secretKey(home.keys, 'content'), role });
  const reports: string[] = [];
  const downstream = openDownstream({
    servers: policies.servers,
    accepted: policies.accepted,
    now,
    log: ({ server, text }) => {
      putOut('log of a path', text);
      reports.push(`${server}: ${text}`);
    },
  });
  const approvers = loadApprovers(home.approvers);
  const who = loopbackAuthenticator(localCaller(user), TOKEN);
  const exchanges = new OpenExchanges();
  const flights = new CallsInFlight();
  const dirOf = (session: string): string => join(home.sessions, session);
  const fault = (): void => undefined;
  const stages: Stages = stagesOf({
    ledger,
    downstream,
    credentials: NO_CREDENTIALS,
    approvers,
    exchanges,
    flights,
    policies,
    who,
    dirOf,
    present: (received) => present(stages, received),
    newId: (prefix) => `${prefix}_${process.pid}_own${++count}`,
    now,
    fault,
  });
  const looking = { authenticate: who, ledger, profiles: policies.byName, downstream, dirOf, now };
  const session = async (): Promise<Snapshot> => {
    const [newest] = await ledger.sessions(now());
    if (newest === undefined) throw new Error('no session was opened');
    return newest;
  };
  return {
    home,
    ledger,
    stages,
    exchanges,
    flights,
    list: lists(looking),
    offers: offers(looking),
    memory: memory(looking),
    reports,
    call: (name, given, as) => presented(stages, { ...receivedOf(name, given, now()), ...as }),
    session,
    journal: async (chain) => ledger.journal(chain === 'gateway' ? GATEWAY_CHAIN : (await session()).session.id),
    answer: async (person, id, verdict, because, extend) => {
      const hold = await holdOf(ledger, id, now());
      const decided = await ledger.decide(id, person.sign(ledger, hold, verdict, because, extend));
      if (!decided.ok) throw new Error(decided.error);
    },
    close: async () => {
      await exchanges.close();
      await downstream.close();
      await ledger.close();
      putOutFiles(home.folder);
    },
  };
}

/** Presents a call to these stages. */
export async function presented(stages: Stages, received: Received): Promise<Presented> {
  const answer = await present(stages, received);
  if (!answer.ok) return { id: received.id, said: answer.error.reason, refusal: answer.error, outcome: undefined };
  const reply = answer.value;
  if ('questions' in reply)
    return { id: reply.id, said: 'asked', refusal: undefined, outcome: undefined, asked: reply };
  const { outcome } = reply;
  const content =
    'result' in outcome ? ((outcome.result['content'] ?? []) as readonly { readonly text: string }[]) : [];
  const said = 'result' in outcome ? content.map((part) => part.text).join('\n') : outcome.outcome;
  return { id: received.id, said, refusal: undefined, outcome: outcome as unknown as JsonObject };
}

/** A caller's line of which only this much is of interest. */
export const lineTo = (signal: AbortSignal, more: Partial<Line> = {}): Line => ({
  signal,
  progress: () => undefined,
  logLevel: undefined,
  log: () => undefined,
  ask: undefined,
  ...more,
});

/** What an honest caller brings. */
export const receivedOf = (target: string, given: JsonObject, receivedAt: number): Received => ({
  id: `call_${process.pid}_${++count}`,
  operation: 'tools/call',
  target,
  arguments: given,
  presented: { door: 'http', bearer: TOKEN },
  route: { profile: undefined, session: undefined, folder: undefined },
  client: { name: 'test', version: '1' },
  revision: '2026-07-28',
  transport: 'http',
  requestId: '1',
  trace: { traceparent: undefined, tracestate: undefined },
  receivedAt,
  abilities: NO_ABILITIES,
  completes: undefined,
  round: undefined,
  mirrored: undefined,
  ahead: undefined,
  subscriber: undefined,
  line: lineTo(new AbortController().signal),
});

async function holdOf(ledger: Ledger, id: string, at: number): Promise<Hold> {
  const hold = await ledger.hold(id, at);
  if (hold === undefined) throw new Error(`there is no hold ${id}`);
  return hold;
}
