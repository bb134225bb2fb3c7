/** Calls: the intent and the outcome. */
import { firstUnmet } from '../domain/history.ts';
import { decisionsDigest } from '../domain/hold.ts';
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import { joined } from '../domain/label.ts';
import { type Commitment, type Intent, LedgerFault, type Settlement } from '../domain/ports.ts';
import { nameOf } from '../domain/principal.ts';
import { isOpenIn, openIn } from '../domain/production.ts';
import { type Stoppable, stopOf } from '../domain/stop.ts';
import { affordable } from './budgets.ts';
import { giveBack } from './counts.ts';
import { decisionsOf, stateAt } from './hold-row.ts';
import { consume } from './holds.ts';
import { releaseOpened } from './opened-holds.ts';
import type { ContentPart } from './operations.ts';
import { overQuota } from './room.ts';
import type { CallRow } from './rows/call-rows.ts';
import { beginFlight, endFlight } from './runtime.ts';
import type { SessionRow } from './session-row.ts';
import { apply } from './sessions.ts';
import { type Store, write } from './store.ts';

/** Judges everything first, then charges, consumes the grant and appends: a refused intent leaves nothing. */
export async function commit(store: Store, intent: Intent): Promise<Commitment> {
  const row = await store.sessions.get(intent.session);
  const committed = await attempt(store, intent, row);
  if (!committed.ok) store.sessions.tell(row); // who decides once more decides by what is true now
  return committed;
}

async function attempt(store: Store, intent: Intent, row: SessionRow): Promise<Commitment> {
  const barred = barredBy(row, intent);
  if (barred !== undefined) return { ok: false, reason: barred };
  const standing = await store.stops.standing();
  const stop = standing.length === 0 ? undefined : stopOf(standing, stoppable(intent, row));
  if (stop !== undefined) return { ok: false, reason: 'stopped', stop };
  const identical =
    intent.effect === 'read' ? undefined : await store.calls.identical({ ...intent, lineage: row.lineage });
  if (identical !== undefined) return { ok: false, reason: 'repeated', call: identical };
  const found = overQuota(store, row.ownerKey);
  const quota = found instanceof Promise ? await found : found;
  if (quota !== undefined) return { ok: false, reason: 'over_quota', quota };
  if (intent.judgedBy !== undefined && !areSame(row.labels, intent.judgedBy)) return { ok: false, reason: 'stale' };
  const unmet = firstUnmet(intent.demands, await store.past.of(row, intent.demands, intent.at), intent.at);
  if (unmet !== undefined) return { ok: false, reason: 'unmet', unmet };
  const afforded = await affordable(store, intent, row);
  if (afforded.over !== undefined) return { ok: false, reason: 'over_budget', overdrawn: afforded.over };
  if (intent.grant !== undefined && !(await redeemable(store, intent, row.lineage, intent.grant)))
    return { ok: false, reason: 'stale' };
  if (!isOpenTo(row, intent)) return { ok: false, reason: 'stale' };

  if (row.state === 'created') {
    const by = nameOf(row.owner.principal);
    await apply(store, row, { verb: 'run', by, why: 'its first call', at: intent.at });
  }
  await afforded.charge();
  row.touchedAt = intent.at;
  const deadline = intent.at + Math.min(intent.timeout, afforded.runtimeLeft);
  beginFlight(row, intent.at);
  const { claims } = afforded;
  const { target, effect, digest, grant } = intent;
  const raised = intent.labels.filter((label) => !row.labels.includes(label));
  if (raised.length > 0) row.labels = joined(row.labels, raised);
  const labels = raised.length > 0 ? { labels: raised } : {};
  const body = {
    ...intent.body,
    target,
    effect,
    digest,
    claims,
    grant: grant && { ...grant },
    ...labels,
    ...(afforded.renews ? { renewed: true } : {}),
  };
  const entry = await write(store, intent.session, 'intent', intent.call, intent.at, body);
  await store.calls.insert(intent, row.lineage, deadline, entry);
  await store.contents.keep(row, entry, intent.canonical, intent.agentReason);
  if (grant !== undefined) {
    await consume(store, grant.hold, intent.call);
    await releaseOpened(store, row, openIn(grant.extend ?? {}), intent.at);
  }
  return { ok: true, entry: row.head.seq, deadline };
}

/** Whether the session may reach what the intent does: it may already, or its grant lets it. */
const isOpenTo = ({ extended }: SessionRow, { production, grant }: Intent): boolean =>
  production === undefined || isOpenIn(extended, production) || isOpenIn(grant?.extend ?? {}, production);

/** The labels of a row are each there once. */
const areSame = (labels: readonly string[], judgedBy: readonly string[]): boolean =>
  labels.length === new Set(judgedBy).size && judgedBy.every((label) => labels.includes(label));

/** Why a session may not make this call; `stale` where its successor may. */
function barredBy(
  { state, named }: SessionRow,
  { at, expiresAt }: Intent,
): 'session_paused' | 'session_over' | 'stale' | undefined {
  switch (state) {
    case 'paused':
      return 'session_paused';
    case 'created':
    case 'running':
      if (expiresAt === undefined || at < expiresAt) return undefined;
      return named ? 'session_over' : 'stale';
    case 'expired':
      return named ? 'session_over' : 'stale';
    default:
      return 'session_over';
  }
}

const stoppable = ({ call, target, digest }: Intent, { lineage, owner: { principal } }: SessionRow): Stoppable => ({
  ...{ call, lineage, principal, target, digest },
});

/** Whether this grant stands for this very call: approved, in time, not used up, and with the decisions that were judged. */
async function redeemable(
  store: Store,
  intent: Intent,
  lineage: string,
  grant: NonNullable<Intent['grant']>,
): Promise<boolean> {
  const hold = await store.holds.find(grant.hold);
  return (
    hold !== undefined &&
    stateAt(hold, intent.at) === 'approved' &&
    hold.lineage === lineage &&
    hold.target === intent.target &&
    hold.digest === intent.digest &&
    hold.binding === grant.binding &&
    decisionsDigest(decisionsOf(hold)) === grant.judged
  );
}

/**
 * Charges stay, but for what the result says was not needed. A call that is settled already keeps its first outcome and nothing is written: recovery may have
 * called it `unknown` and asked a person, and an outcome that arrives later must not change what they were asked.
 */
export async function settle(
  store: Store,
  { call, session, at, outcome, fields, unspent, recorded, body }: Settlement,
): Promise<undefined> {
  const row = await store.calls.find(call);
  if (row === undefined || row.session !== session) {
    throw new LedgerFault(`The ledger knows no call ${call} in session ${session}.`);
  }
  if (row.outcome !== null) return;
  await end(store, row, { at, endedAt: at, outcome, fields, unspent, body, recorded });
}

interface Ending extends Pick<Settlement, 'at' | 'outcome' | 'fields' | 'unspent' | 'body' | 'recorded'> {
  /** Until when the call counts as runtime. */
  readonly endedAt: number;
}

/** Settles a call whose row is open, while its session is held. */
export async function end(
  store: Store,
  row: CallRow,
  { at, endedAt, outcome, fields, unspent, body, recorded }: Ending,
): Promise<void> {
  const session = await store.sessions.get(row.session);
  // Its successor has the calls that were in flight, so that what they use cannot be lost between the two.
  const counted = store.sessions.move(await store.sessions.last(session));
  endFlight(counted, endedAt);
  counted.touchedAt = Math.max(counted.touchedAt, at);
  // What was claimed before the budgets were full again is none of theirs any more.
  if (row.at >= (counted.chargedSince ?? 0)) giveBack(counted, unspent);
  const back = Object.keys(unspent).length === 0 ? {} : { unspent };
  const entry = await write(store, row.session, 'outcome', row.id, at, { ...body, outcome, ...back });
  await store.calls.settle(row, outcome, at, entry, fields);
  if (recorded !== undefined) await store.contents.keep(session, entry, recorded);
  store.changed.add(`call:${row.id}`);
}

/** The outcome as it was kept, as JSON text. An `unknown` one is known to be so even where nothing was kept. */
export async function recorded(
  store: Store,
  call: string,
): Promise<{ readonly at: number; readonly text: string } | undefined> {
  const row = await store.calls.find(call);
  if (row === undefined || row.settled === null || row.settled_at === null) return undefined;
  const kept = await store.contents.read(await store.sessions.get(row.session), row.settled);
  if (kept !== undefined) return { at: row.settled_at, text: kept };
  return row.outcome === 'unknown' ? { at: row.settled_at, text: UNKNOWN } : undefined;
}

const UNKNOWN = JSON.stringify({ outcome: 'unknown', why: 'It was sent, and no answer was recorded.' });

/** Of a call that was made; of one that was refused, the arguments that it was last refused with. */
export async function content(store: Store, call: string, part: ContentPart): Promise<string | undefined> {
  const row = await store.calls.find(call);
  if (row === undefined) return part === 'arguments' ? refusedArguments(store, call) : undefined;
  const session = await store.sessions.get(row.session);
  if (part === 'agent_reason') return store.contents.readReason(session, row.intent);
  const entry = part === 'arguments' ? row.intent : row.settled;
  return entry === null ? undefined : store.contents.read(session, entry);
}

async function refusedArguments(store: Store, call: string): Promise<string | undefined> {
  for (const { session, entry } of await store.chains.refusals(call)) {
    if (session === GATEWAY_CHAIN) continue;
    const kept = await store.contents.read(await store.sessions.get(session), entry);
    if (kept !== undefined) return kept;
  }
  return undefined;
}
