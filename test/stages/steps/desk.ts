/** Calls on their way, on a real ledger and under real policies, without a server: for the steps between resolve and prepare. */
import { afterAll, beforeAll } from 'vitest';
import type { Afforded, Approved, Committed, InSession, Judged, Prepared, Resolved } from '../../../src/domain/call.ts';
import type { Connection } from '../../../src/domain/exchange.ts';
import { canonical, deepFreeze, digestOf, type JsonObject } from '../../../src/domain/json.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import type { Approvers, Ledger } from '../../../src/domain/ports.ts';
import { localCaller } from '../../../src/domain/principal.ts';
import type { Refusal, Stale } from '../../../src/domain/refusal.ts';
import { ok, type Result } from '../../../src/domain/result.ts';
import { afford } from '../../../src/stages/afford.ts';
import { commit } from '../../../src/stages/commit.ts';
import { judge } from '../../../src/stages/judge.ts';
import { requireApproval } from '../../../src/stages/require-approval.ts';
import { HEAD, profileOf } from '../../policy/policy-text.ts';
import { openSqliteBench, type SqliteBench } from '../../store/sqlite-bench.ts';
import { receivedOf } from '../../support/path.ts';

export const AT = 1_800_000_000_000;

/** Nobody is known who could have signed. */
export const NOBODY: Approvers = { verify: () => false };

const NO_CONNECTION = {} as Connection;

export interface Desk {
  readonly ledger: Ledger;
  readonly profile: Profile;
  /** A call of `crm.act`, as far as it is known what it is. */
  resolved(effective?: JsonObject, rest?: Partial<Resolved>): Promise<Resolved>;
  judged(call: Resolved): Promise<Result<Judged, Refusal>>;
  afforded(call: Judged): Promise<Result<Afforded, Refusal>>;
  approved(call: Afforded): Promise<Result<Approved, Refusal | Stale>>;
  committed(call: Prepared): ReturnType<ReturnType<typeof commit>>;
  /** All of them. */
  through(call: Resolved, approvers?: Approvers): Promise<Result<Committed, Refusal | Stale>>;
}

/** `rules` of the tool `crm.act`, and more parts of the file, in YAML. */
type OpenDesk = (rules: string, more?: string, approvers?: Approvers) => Promise<Desk>;

/** Desks on one ledger, each with a session of its own. Opened before the tests of a file, closed after them. */
export function desks(): OpenDesk {
  let bench: SqliteBench | undefined;
  let count = 0;
  beforeAll(async () => {
    bench = await openSqliteBench();
  });
  afterAll(() => bench?.close());
  return async (rules, more, approvers) => {
    if (bench === undefined) throw new Error('the ledger is opened before the tests');
    count += 1;
    return deskOn(bench.ledger, `/work/${count}`, rules, more, approvers);
  };
}

/** A desk on a ledger that the test opened: one that is full, or closed. */
export function deskOn(ledger: Ledger, folder: string, rules: string, more = '', approvers: Approvers = NOBODY): Desk {
  const profile = profileOf(
    `${HEAD}servers: { crm: { command: [node, crm.js] } }\ntools: { crm.act: ${rules} }\n${more}`,
  );
  const policy = profile.tools.get('crm.act');
  if (policy === undefined) throw new Error('crm.act was not loaded');
  const caller = localCaller('ada');
  const { principal } = caller;
  const now = () => AT;
  const steps = {
    judged: judge(ledger, now),
    afforded: afford(),
    // Its tool points at nothing.
    approved: requireApproval(ledger, now, async () => ok(undefined)),
    committed: commit(ledger, approvers, now, () => undefined),
  };
  return {
    ledger,
    profile,
    resolved: async (effective = {}, rest = {}) => {
      const snapshot = passed(await ledger.enter({ principal, profile: 'demo', folder }, AT));
      const inSession: InSession = {
        ...receivedOf('crm__act', effective, AT),
        ...caller,
        subjectToken: undefined,
        profile,
        session: snapshot.session,
        snapshot,
        dir: '/sessions/one',
      };
      const text = canonical(effective);
      return {
        ...inSession,
        policy,
        contract: policy.contract,
        definition: undefined,
        effective: deepFreeze(effective),
        canonical: text,
        digest: digestOf(effective),
        agentReason: undefined,
        ...rest,
      };
    },
    ...steps,
    through: async (call) => {
      const judged = await steps.judged(call);
      if (!judged.ok) return judged;
      const afforded = await steps.afforded(judged.value);
      if (!afforded.ok) return afforded;
      const approved = await steps.approved(afforded.value);
      if (!approved.ok) return approved;
      return steps.committed({ ...approved.value, credential: undefined, connection: NO_CONNECTION, open: undefined });
    },
  };
}

/** What a step let through; a refusal is a failed test. */
export function passed<T, E>(result: Result<T, E>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** Why a step refused; letting through is a failed test. */
export function refusalOf<T, E>(result: Result<T, E>): E {
  if (result.ok) throw new Error('it was let through');
  return result.error;
}
