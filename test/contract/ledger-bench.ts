/** What the ledger's contract needs of each home, and the calls, holds and answers that its tests are made of. */
import { randomUUID } from 'node:crypto';
import { bindingOf, type Decision, decisionsDigest, type Hold, type Redeeming } from '../../src/domain/hold.ts';
import { canonical, digestOf } from '../../src/domain/json.ts';
import type { Placing } from '../../src/domain/placing.ts';
import type { Intent, Ledger, Settlement } from '../../src/domain/ports.ts';
import { agentOf } from '../../src/domain/principal.ts';
import type { Quotas } from '../../src/domain/retention.ts';
import type { Creation, SessionKey, Snapshot } from '../../src/domain/session.ts';

/** One store and the means to reach it from all sides. */
export interface LedgerBench {
  readonly ledger: Ledger;
  /** Another owner of the same store, after the first has closed it. */
  reopen(quotas?: Quotas): Promise<Ledger>;
  /** A visitor on the same store at the same time. */
  second(): Promise<Ledger>;
  /** Answers a hold from a process of its own, and waits until that process has ended. */
  decideElsewhere(hold: string, decision: Decision): Promise<void>;
  /** Commits from a process of its own, as the owner, and kills it with SIGKILL before anything is settled. */
  commitAndDie(intents: readonly Intent[]): Promise<void>;
  /** Raw SQL, as somebody would run it who has the store in hands. */
  tamper(sql: string): Promise<void>;
  close(): Promise<void>;
}

export type OpenBench = () => Promise<LedgerBench>;

/** When every test begins, in milliseconds since the epoch. */
export const START = 1_800_000_000_000;
export const MINUTE = 60_000;

export const KEY: SessionKey = { principal: agentOf('ada'), profile: 'demo', folder: '/work' };

export const enter = async (ledger: Ledger, key: SessionKey = KEY): Promise<string> =>
  (await entered(ledger, START, key)).session.id;

/** A named session as it stands when it is created. */
export async function created(ledger: Ledger, creation: Omit<Creation, 'mostSessions'>): Promise<Snapshot> {
  const snapshot = await ledger.create({ ...creation, mostSessions: undefined });
  if (!snapshot.ok) throw new Error(`no session was created: ${JSON.stringify(snapshot.error)}`);
  return snapshot.value;
}

/** The session as it stands when it is entered. */
export async function entered(ledger: Ledger, at: number, key: SessionKey = KEY, maxAge?: number): Promise<Snapshot> {
  const snapshot = await ledger.enter(key, at, { maxAge });
  if (!snapshot.ok) throw new Error(JSON.stringify(snapshot.error));
  return snapshot.value;
}

export function intentOf(session: string, changes: Partial<Intent> = {}): Intent {
  const text = changes.canonical ?? canonical({ path: 'notes.txt' });
  return {
    call: `call_${randomUUID()}`,
    session,
    replica: '',
    at: START,
    target: 'files.read',
    effect: 'read',
    digest: digestOf(JSON.parse(text)),
    canonical: text,
    claims: { calls: 1 },
    caps: {},
    renew: undefined,
    expiresAt: undefined,
    principalCaps: [],
    timeout: 30_000,
    demands: [],
    labels: [],
    judgedBy: undefined,
    production: undefined,
    fields: {},
    agentReason: undefined,
    grant: undefined,
    body: { policy: 'sha256:1' },
    ...changes,
  };
}

export const writeOf = (session: string, changes: Partial<Intent> = {}): Intent =>
  intentOf(session, { target: 'outbox.send', effect: 'write', ...changes });

export const settlementOf = (intent: Intent, changes: Partial<Settlement> = {}): Settlement => ({
  call: intent.call,
  session: intent.session,
  at: intent.at + 1_000,
  outcome: 'ok',
  fields: {},
  unspent: {},
  recorded: undefined,
  body: {},
  ...changes,
});

/** The hold that `intent` would need. */
export function placingOf(intent: Intent, changes: Partial<Placing> = {}): Placing {
  const placing = {
    session: intent.session,
    lineage: intent.session,
    principal: KEY.principal,
    target: intent.target,
    digest: intent.digest,
    needs: [{ kind: 'rule', rule: `${intent.target}.approval`, reason: undefined }] as const,
    rules: 'sha256:rules',
    pin: 'sha256:pin',
    effect: intent.effect,
    effective: JSON.parse(intent.canonical) as Placing['effective'],
    canonical: intent.canonical,
    agentReason: undefined,
    call: intent.call,
    at: intent.at,
    approvals: undefined,
    ...changes,
  };
  return { ...placing, binding: changes.binding ?? bindingOf(placing) };
}

export const decisionOf = (verdict: Decision['verdict'], changes: Partial<Decision> = {}): Decision => ({
  verdict,
  by: 'grace',
  at: START + MINUTE,
  because: undefined,
  nonce: 'n1',
  proofs: [{ kind: 'passphrase', kid: 'k1', signature: 'signed' }],
  ...changes,
});

export async function held(ledger: Ledger, placing: Placing): Promise<Hold> {
  const placed = await ledger.place(placing);
  if (placed.found !== 'hold') throw new Error(`no hold, but ${placed.found}`);
  return placed.hold;
}

/** Places a hold for `intent`, approves it, and returns the intent that presents the grant. */
export async function granted(ledger: Ledger, intent: Intent): Promise<Intent> {
  const hold = await held(ledger, placingOf(intent));
  const decided = await ledger.decide(hold.id, decisionOf('approve'));
  if (!decided.ok) throw new Error(decided.error);
  const at = intent.at + 2 * MINUTE;
  return { ...intent, at, grant: grantOf(hold) };
}

/** What the call presents that runs on these answers. */
export const grantOf = (
  { id, binding }: Pick<Hold, 'id' | 'binding'>,
  ...decisions: readonly Decision[]
): Redeeming => ({
  hold: id,
  binding,
  judged: decisionsDigest(decisions.length > 0 ? decisions : [decisionOf('approve')]),
});
