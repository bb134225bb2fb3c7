/** The console in this process, over a real ledger and real keys, with people who come by links and a clock that the test turns. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { api } from '../../src/console/api.ts';
import { Links } from '../../src/console/people/links.ts';
import type { Decision, Hold } from '../../src/domain/hold.ts';
import { canonical, digestOf, type JsonObject } from '../../src/domain/json.ts';
import type { Logins } from '../../src/domain/login.ts';
import type { ApiCaller } from '../../src/domain/person.ts';
import type { Placing } from '../../src/domain/placing.ts';
import type { PoliciesInView } from '../../src/domain/policies-in-view.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { LOCAL, type Principal, personCaller } from '../../src/domain/principal.ts';
import type { PushDesk } from '../../src/domain/push.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { ROLES, type Role } from '../../src/domain/role.ts';
import { homeOf } from '../../src/home.ts';
import { createApprover, loadApprovers } from '../../src/identity/approvers.ts';
import { secretKey } from '../../src/identity/keys.ts';
import { peopleOf } from '../../src/identity/people.ts';
import { PolicyBook } from '../../src/policy/book.ts';
import { openSqlite } from '../../src/store/sqlite/sqlite.ts';
import { created, grantOf, held, intentOf, placingOf, settlementOf } from '../contract/ledger-bench.ts';
import { environmentOf, temporaryFolder } from './gateway.ts';
import { serveHttp } from './servers/http-fixture.ts';

/** Of everybody who is enrolled at the desk. */
export const PASSPHRASE = 'correct horse';

const NO_LOGINS: Logins = {
  start: async () => ({ ok: false, error: 'unknown' }),
  finish: async () => ({ ok: false, error: 'unknown' }),
  finished: async () => undefined,
  clientDocument: () => undefined,
};

/** No browser is told here. */
const NO_PUSH: PushDesk = {
  key: undefined,
  subscribe: async () => refuse('No browsers are told here.'),
  unsubscribe: async () => undefined,
};

/** No gateway runs here that has policies in force. */
const NO_POLICIES: PoliciesInView = {
  list: async () => [],
  find: async () => undefined,
  offer: async () => ok(undefined),
  accept: async () => refuse({ reason: 'not_now', why: 'Nothing waits.' }),
};

export interface Asking extends Partial<Pick<Placing, 'target' | 'effect' | 'needs' | 'agentReason' | 'shown'>> {
  /** Whom its session is for, and what for; of an earlier call: in that very session. */
  readonly by?: Partial<Principal>;
  readonly task?: string;
  readonly session?: string;
}

export interface Desk {
  readonly origin: string;
  readonly ledger: Ledger;
  /** What the operator was told. */
  readonly reports: readonly string[];
  /** Where the next browser comes in as a person of this name. */
  comesIn(subject: string, roles?: readonly Role[], principal?: Partial<Principal>): string;
  /** A link of the person at this machine, who looks. */
  link(): string;
  readonly now: () => number;
  pass(milliseconds: number): void;
  /** A call with these arguments waits. */
  asks(effective: JsonObject, asking?: Asking): Promise<Hold>;
  /** The agent makes the call of an approved hold; settled, unless it is left under way. */
  runs(hold: Hold, how?: 'settled' | 'under way'): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** `enrolled`: who has a key. `policy`: what is in force. */
export async function openDesk(enrolled: readonly string[], policy: string): Promise<Desk> {
  const folder = temporaryFolder();
  const home = homeOf(environmentOf(folder));
  mkdirSync(home.folder, { recursive: true, mode: 0o700 });
  const approvers = loadApprovers(home.approvers);
  for (const name of enrolled) {
    const made = await createApprover(name, PASSPHRASE);
    if (!made.ok) throw new Error(made.error);
    approvers.add(made.value);
  }
  const policies = new PolicyBook(new Map());
  const added = policies.add({ file: join(folder, 'policy.yaml'), text: policy });
  if (!added.ok) throw new Error(added.error.join('\n'));
  const ledger = await openSqlite({ file: home.ledger, contentKey: secretKey(home.keys, 'content'), role: 'owner' });
  let passed = 0;
  const now = (): number => Date.now() + passed;
  const reports: string[] = [];
  const report = (line: string): void => void reports.push(line);
  const people = peopleOf({
    people: { roles: [], owners: [], signIn: undefined },
    user: 'ada',
    authenticate: () => undefined,
    approvers,
    ledger,
    outgoing: { fetch: () => Promise.reject(new Error('nothing is fetched here')) },
    readSecret: async () => refuse('there are no secrets here'),
    passkeyOrigin: () => undefined,
    now,
    report,
  });
  const comers = new Map<string, ApiCaller>();
  let next = '';
  const underWay = { state: 's', nonce: 'n', verifier: 'v' };
  let origin = '';
  const links = new Links(now);
  const answering = api({
    ...people,
    // Instead of an issuer: whoever is to come in next is sent straight back.
    signIn: {
      begin: async (back) => ok({ url: `${back}?as=${encodeURIComponent(next)}`, underWay }),
      finish: async (at) => {
        const caller = comers.get(at.searchParams.get('as') ?? '');
        return caller === undefined ? refuse('nobody') : ok(caller);
      },
    },
    ...{
      ledger,
      links,
      logins: NO_LOGINS,
      policies: NO_POLICIES,
      push: NO_PUSH,
      profiles: policies.byName,
      version: '0',
      now,
      report,
    },
    ...{ servers: new Map(), issuers: new Set<string>(), dirOf: (session) => join(home.sessions, session) },
    archive: async () => ok(undefined),
    origin: () => origin,
    fault: (error) => report(`fault: ${error instanceof Error ? error.stack : String(error)}`),
  });
  const served = await serveHttp(answering);
  origin = `http://127.0.0.1:${served.port}`;
  const asks = async (effective: JsonObject, { by, task, session, ...placing }: Asking = {}): Promise<Hold> => {
    const principal: Principal = {
      ...{ issuer: LOCAL, subject: 'agent-of:ada', client: 'claude-desktop', tenant: LOCAL, actors: [] },
      ...by,
    };
    const at = now();
    const inside = session ?? (await opened(principal, task, at));
    const text = canonical(effective);
    const intent = intentOf(inside, {
      target: 'rough.other',
      effect: 'write',
      canonical: text,
      digest: digestOf(effective),
      at,
    });
    return held(ledger, placingOf(intent, { principal, ...placing }));
  };
  const opened = async (principal: Principal, task: string | undefined, at: number): Promise<string> => {
    const description = { task, instructions: undefined, model: undefined, route: undefined };
    const given = { principal, profile: 'desk', folder: undefined, description, by: 'ada', at };
    return (await created(ledger, given)).session.id;
  };
  return {
    origin,
    ledger,
    reports,
    comesIn: (subject, roles = ROLES, more = {}) => {
      const caller = personCaller(subject);
      comers.set(subject, {
        ...caller,
        principal: { ...caller.principal, ...more },
        person: { roles, looksOnly: false },
      });
      next = subject;
      return `${origin}/sign-in`;
    },
    link: () => `${origin}${links.make()}`,
    now,
    pass: (milliseconds) => {
      passed += milliseconds;
    },
    asks,
    runs: async ({ id }, how = 'settled') => {
      const hold = await ledger.hold(id, now());
      if (hold === undefined) throw new Error(`no hold ${id}`);
      const intent = intentOf(hold.session, {
        ...{ target: hold.target, effect: hold.effect, digest: hold.digest, canonical: canonical(hold.effective) },
        ...{
          at: now(),
          labels: ['private'],
          claims: { calls: 1, searches: 1 },
          grant: grantOf(hold, ...hold.decisions),
        },
      });
      const committed = await ledger.commit(intent);
      if (!committed.ok) throw new Error(JSON.stringify(committed));
      const settle = () => ledger.settle(settlementOf(intent));
      if (how === 'settled') await settle();
      return settle;
    },
    close: async () => {
      await served.close();
      await ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An answer that somebody else gave, elsewhere. */
export async function answeredElsewhere(
  desk: Desk,
  hold: Hold,
  verdict: Decision['verdict'],
  by: string,
): Promise<void> {
  const nonce = `${by} of ${hold.id}`;
  const because = verdict === 'deny' ? 'Not today.' : undefined;
  const decided = await desk.ledger.decide(hold.id, {
    verdict,
    by,
    at: desk.now(),
    because,
    nonce,
    proofs: [{ kind: 'passphrase', kid: 'k', signature: 's' }],
  });
  if (!decided.ok) throw new Error(decided.error);
}
