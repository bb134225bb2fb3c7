/** What people look back on, by the indices that are made for it. */
import { type AskedHold, type HoldsAsked, MOST_ASKED } from '../domain/records.ts';
import type { ShownState } from '../domain/session.ts';
import { termsOf } from '../domain/terms.ts';
import { descriptionOf, standingOf } from './descriptions.ts';
import { decisionsOf, type HoldRow, needsOf, stateAt, usesOf } from './hold-row.ts';
import type { Operations } from './operations.ts';
import { ownerKey, tenantKey } from './session-identity.ts';
import type { SqlValue } from './sql.ts';
import type { Store } from './store.ts';

interface Condition {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

export async function sessionsPage(
  store: Store,
  { of, owner, only, state, after, limit, at }: Operations['sessionsPage']['ask'],
): Promise<Operations['sessionsPage']['answer']> {
  const whose: readonly Condition[] = [
    { text: 'tenant = ?', values: [tenantKey(of)] },
    ...(owner === undefined ? [] : [{ text: 'owner = ?', values: [ownerKey(owner)] }]),
    ...(only === undefined ? [] : [{ text: 'id = ?', values: [only] }]),
  ];
  const later: Condition[] = [];
  if (after !== undefined) {
    const [last] = await matching(store, [...whose, { text: 'id = ?', values: [after] }], 1);
    if (last === undefined) return undefined;
    later.push({ text: 'row < (SELECT row FROM session WHERE id = ?)', values: [after] });
  }
  const found = await matching(store, [...whose, ...later, ...inState(state, at)], limit + 1);
  const rows = found.slice(0, limit);
  const open = await store.holds.openIn([...new Set(rows.map(({ lineage }) => lineage))], at);
  const described = rows.map(async (row) => ({
    ...standingOf(row, open),
    description: await descriptionOf(store, row),
  }));
  return { sessions: await Promise.all(described), more: found.length > limit };
}

const matching = (store: Store, conditions: readonly Condition[], limit: number) =>
  store.sessions.which(
    `WHERE ${conditions.map(({ text }) => text).join(' AND ')} ORDER BY row DESC LIMIT ?`,
    ...conditions.flatMap(({ values }) => values),
    limit,
  );

/** That a session waits for a person is nowhere written: some hold of it can still be answered. */
function inState(state: ShownState | undefined, at: number): readonly Condition[] {
  if (state === undefined) return [];
  if (state !== 'awaiting_approval' && state !== 'running') return [{ text: 'state = ?', values: [state] }];
  const waits = `EXISTS (SELECT 1 FROM hold WHERE hold.lineage = session.lineage
    AND hold.state IN ('open', 'approved') AND hold.state = 'open' AND hold.expires_at > ?)`;
  return [{ text: `state = 'running' AND ${state === 'running' ? 'NOT ' : ''}${waits}`, values: [at] }];
}

export async function entries(
  store: Store,
  { session, before, limit }: Operations['entries']['ask'],
): Promise<Operations['entries']['answer']> {
  const head = await store.sessions.head(session);
  if (head === undefined) return [];
  const end = Math.min(before ?? head.seq + 1, head.seq + 1);
  const from = Math.max(1, end - limit);
  // With the one before, whose hash the first of them follows.
  const found = await store.chains.stretch(head, session, { from: Math.max(1, from - 1), end });
  return found.filter(({ seq }) => seq >= from);
}

export async function asked(store: Store, { of, since, at }: HoldsAsked): Promise<readonly AskedHold[]> {
  const rows = await store.holds.asked(of && tenantKey(of), since, MOST_ASKED);
  return rows.map((row) => askedOf(row, at));
}

function askedOf(row: HoldRow & { readonly profile: string }, at: number): AskedHold {
  return {
    id: row.id,
    session: row.session,
    profile: row.profile,
    target: row.target,
    effect: row.effect,
    rules: needsOf(row).map(({ rule }) => rule),
    state: stateAt(row, at),
    placedAt: row.placed_at,
    answer: answerOf(row),
    usedBy: usesOf(row),
  };
}

/** The decision that settled it: a denial, or the last approval that it needed. */
function answerOf(row: HoldRow): AskedHold['answer'] {
  const decisions = decisionsOf(row);
  const denial = decisions.find(({ verdict }) => verdict === 'deny');
  const last = denial ?? decisions[termsOf(needsOf(row)).quorum - 1];
  return last && { verdict: last.verdict, at: last.at };
}
