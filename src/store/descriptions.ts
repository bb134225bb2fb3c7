/** Named sessions: opening them with what they are for, and sessions as people see them. */
import type { Overdrawn } from '../domain/budget.ts';
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import { type JsonObject, type JsonValue, sha256 } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { OverQuota } from '../domain/retention.ts';
import { type Creation, type Description, isOver } from '../domain/session.ts';
import type { Known, KnownStanding, Operations } from './operations.ts';
import { knownOf, type SessionRow } from './session-row.ts';
import { noRoom, tooMany } from './sessions.ts';
import { newId, type Store, write } from './store.ts';

/** Lies beside the entry that opened the session, sealed, and goes with its key. */
interface Texts {
  readonly task?: string;
  readonly instructions?: string;
}

/** The journal has digests of the task and the instructions, and the model and its route; their texts lie beside it. */
export async function create(store: Store, creation: Creation): Promise<Result<Known, Overdrawn | OverQuota>> {
  const { principal, profile, folder, description, mostSessions, by, at } = creation;
  const { task, instructions, model, route } = description;
  const owner = { principal, profile, folder };
  const over = (await tooMany(store, owner, mostSessions)) ?? (await noRoom(store, owner));
  if (over !== undefined) return refuse(over);
  const id = newId('s');
  const wrappedKey = store.contents.newKey(id);
  const row = await store.sessions.open({
    id,
    owner,
    state: 'created',
    named: true,
    follows: undefined,
    at,
    wrappedKey,
  });
  const text = instructions !== undefined && 'text' in instructions ? instructions.text : undefined;
  const entry = await write(store, id, 'opened', undefined, at, {
    principal: principal as unknown as JsonValue,
    profile,
    folder,
    by,
    task: task === undefined ? undefined : sha256(task),
    instructions: text === undefined ? digestIn(instructions) : sha256(text),
    model,
    route,
  });
  await store.sessions.setDescribed(row, entry);
  if (task !== undefined || text !== undefined) {
    const texts: Texts = { ...(task !== undefined && { task }), ...(text !== undefined && { instructions: text }) };
    await store.contents.keep(row, entry, JSON.stringify(texts));
  }
  await write(store, GATEWAY_CHAIN, 'opened', undefined, at, { session: id });
  return ok(knownOf(row));
}

const digestIn = (instructions: Creation['description']['instructions']): string | undefined =>
  instructions !== undefined && 'digest' in instructions ? instructions.digest : undefined;

export async function sessions(store: Store, at: number): Promise<readonly KnownStanding[]> {
  const open = await store.holds.open(at);
  return (await store.sessions.which('ORDER BY row DESC')).map((row) => standingOf(row, open));
}

export async function describe(
  store: Store,
  { session, at }: Operations['describe']['ask'],
): Promise<Operations['describe']['answer']> {
  const row = await store.sessions.find(session);
  if (row === undefined) return undefined;
  return { ...standingOf(row, await store.holds.open(at)), description: await descriptionOf(store, row) };
}

const NO_DESCRIPTION: Description = { task: undefined, instructions: undefined, model: undefined, route: undefined };

/** What waits in a session that is over waits in its successor. */
export const standingOf = (row: SessionRow, open: ReadonlyMap<string, number>): KnownStanding => ({
  known: knownOf(row),
  awaiting: isOver(row) ? 0 : (open.get(row.lineage) ?? 0),
});

/** What a session is for. */
export async function descriptionOf(store: Store, row: SessionRow): Promise<Description> {
  const { described: entry } = row;
  if (entry === undefined) return NO_DESCRIPTION;
  const body = await store.chains.body(entry);
  const kept = await store.contents.read(row, entry);
  const texts: Texts = kept === undefined ? {} : (JSON.parse(kept) as Texts);
  const digest = textIn(body, 'instructions');
  return {
    task: texts.task,
    instructions: digest === undefined ? undefined : { text: texts.instructions, digest },
    model: textIn(body, 'model'),
    route: textIn(body, 'route'),
  };
}

function textIn(body: JsonObject, key: string): string | undefined {
  const value = body[key];
  return typeof value === 'string' ? value : undefined;
}
