/** Calls of unknown outcome, and what people find out of them. */
import type { Finding, UnknownCall } from '../domain/finding.ts';
import type { JsonObject } from '../domain/json.ts';
import { LedgerFault } from '../domain/ports.ts';
import type { Principal } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Operations } from './operations.ts';
import type { CallRow } from './rows/call-rows.ts';
import { isErased } from './session-row.ts';
import { type Store, write } from './store.ts';

export const findingOf = ({ finding }: Pick<CallRow, 'finding'>): Finding | undefined =>
  finding === null ? undefined : (JSON.parse(finding) as Finding);

export async function unknowns(store: Store, open: boolean): Promise<readonly UnknownCall[]> {
  const found: UnknownCall[] = [];
  for (const row of await store.calls.unknown(open)) {
    const call = await whole(store, row);
    if (call !== undefined) found.push(call);
  }
  return found;
}

export async function unknown(store: Store, id: string): Promise<UnknownCall | undefined> {
  const row = await store.calls.find(id);
  return row !== undefined && isLost(row) ? whole(store, row) : undefined;
}

/** What a `read` came to is asked of nobody: it may be made again. */
const isLost = ({ effect, outcome, finding }: CallRow): boolean =>
  effect !== 'read' && (outcome === 'unknown' || finding !== null);

/** With its arguments and the agent's reason, decrypted. Undefined where its session was archived. */
async function whole(store: Store, row: CallRow): Promise<UnknownCall | undefined> {
  const session = await store.sessions.get(row.session);
  if (isErased(session)) return undefined;
  const text = await store.contents.read(session, row.intent);
  if (text === undefined) throw new LedgerFault(`The arguments of the call ${row.id} are gone from the ledger.`);
  const [intent, outcome] = [await bodyOf(store, row, row.intent), await bodyOf(store, row, row.settled)];
  const { principal } = session.owner;
  return {
    id: row.id,
    session: row.session,
    principal: { ...principal, actors: (intent['actors'] as Principal['actors'] | undefined) ?? principal.actors },
    target: row.target,
    effect: row.effect,
    digest: row.digest,
    effective: JSON.parse(text) as JsonObject,
    agentReason: await store.contents.readReason(session, row.intent),
    at: row.at,
    unknownSince: row.settled_at ?? row.at,
    lost: outcome['why'] as string | undefined,
    finding: findingOf(row),
  };
}

async function bodyOf(store: Store, { session }: CallRow, entry: number | null): Promise<JsonObject> {
  const stored = entry === null ? undefined : await store.chains.find(session, entry);
  return stored === undefined ? {} : (JSON.parse(stored.body) as JsonObject);
}

/** Once, whoever answers first: a later answer must not change what an agent was told. */
export async function resolve(
  store: Store,
  { call, finding }: Operations['resolve']['ask'],
): Promise<Result<UnknownCall, string>> {
  if (store.role !== 'owner') throw new LedgerFault('Only an owner of the ledger may settle its calls.');
  const known = await store.calls.find(call);
  if (known === undefined || !isLost(known))
    return refuse(`No call ${call} waits for a person to find out its outcome.`);
  // Its session is held from here on, so that of two who answer at once the second sees the first.
  const session = await store.sessions.get(known.session);
  const row = (await store.calls.find(call)) ?? known;
  const before = findingOf(row);
  if (before !== undefined)
    return refuse(`${before.by} found out already that the call ${call} was ${WORDS[before.outcome]}.`);
  if (isErased(session)) return refuse(`The session of the call ${call} is archived.`);
  await write(store, row.session, 'found', call, finding.at, { target: row.target, digest: row.digest, ...finding });
  await store.calls.resolve(row, finding);
  store.changed.add(`call:${call}`).add('outcomes');
  const found = await unknown(store, call);
  if (found === undefined) throw new LedgerFault(`The call ${call} cannot be read back.`);
  return ok(found);
}

const WORDS: Readonly<Record<Finding['outcome'], string>> = { executed: 'executed', not_executed: 'not executed' };
