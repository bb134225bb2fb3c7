/** The journal's chains: what an entry is as it is stored, walking a chain back, and verifying all of them. */
import type { Draft, Entry, EntryKind } from '../domain/journal.ts';
import { CHAIN_START, chainHash } from '../domain/journal.ts';
import type { JsonObject } from '../domain/json.ts';

/** Where a chain ends: its last entry (0 for none), that entry's hash, and how many entries there are. */
export interface Head {
  entry: number;
  hash: string;
  seq: number;
}

export interface JournalRow {
  readonly entry: number;
  readonly session: string;
  readonly seq: number;
  readonly prev: number;
  readonly at: number;
  readonly kind: EntryKind;
  readonly call: string | null;
  readonly body: string;
  readonly hash: string;
}

/** A stored entry that follows from `head`, without its place in the table. */
export function following(head: Head, draft: Draft): Omit<JournalRow, 'entry'> {
  const body = JSON.stringify(draft.body);
  const seq = head.seq + 1;
  const { session, at, kind, call } = draft;
  const hash = chainHash(head.hash, draft, seq, body);
  return { session, seq, prev: head.entry, at, kind, call: call ?? null, body, hash };
}

/** Of a chain's rows, oldest first. */
export const entriesOf = (walked: readonly JournalRow[]): readonly Entry[] =>
  walked.map((row, index) => entryOf(row, walked[index - 1]?.hash ?? CHAIN_START));

/** Follows every chain through the entries, which come in commit order. */
export class ChainCheck {
  readonly #heads: ReadonlyMap<string, Head>;
  readonly #reached = new Map<string, Head>();
  readonly #problems = new Map<string, string>();

  /** `heads` are the chains that must be there. */
  constructor(heads: ReadonlyMap<string, Head>) {
    this.#heads = heads;
  }

  follow(entry: JournalRow): void {
    if (this.#problems.has(entry.session)) return;
    const last = this.#reached.get(entry.session) ?? { entry: 0, hash: CHAIN_START, seq: 0 };
    const problem = this.#heads.has(entry.session) ? breakOf(last, entry) : 'the session itself is missing';
    if (problem !== undefined) this.#problems.set(entry.session, problem);
    else this.#reached.set(entry.session, { entry: entry.entry, hash: entry.hash, seq: entry.seq });
  }

  /** One sentence per broken chain. `told`: what the gateway chain says of sessions that were opened or changed. */
  problems(told: readonly string[]): readonly string[] {
    for (const [session, head] of this.#heads) {
      const problem = this.#problems.get(session) ?? tailOf(this.#reached.get(session), head);
      if (problem !== undefined) this.#problems.set(session, problem);
    }
    const removed = new Set(told.filter((text) => text.includes(REMOVED)).map(sessionIn));
    for (const session of told.map(sessionIn)) {
      if (session !== undefined && !this.#heads.has(session) && !removed.has(session))
        this.#problems.set(session, 'the session itself is missing');
    }
    return [...this.#problems].map(([session, problem]) => `${session}: ${problem}`);
  }
}

/** How the gateway chain tells that a session was removed with its chain, as it is stored. */
const REMOVED = '"state":"removed"';

/** Not parsed: somebody may have written the text by force. */
const sessionIn = (text: string): string | undefined => /"session":"([^"]+)"/.exec(text)?.[1];

const entryOf = (row: JournalRow, prev: string): Entry => ({
  session: row.session,
  kind: row.kind,
  call: row.call ?? undefined,
  at: row.at,
  body: JSON.parse(row.body) as JsonObject,
  seq: row.seq,
  prev,
  hash: row.hash,
});

/** Why `row` does not follow from `last`, if it does not. */
function breakOf(last: Head, row: JournalRow): string | undefined {
  const due = last.seq + 1;
  if (row.seq !== due) return `entry ${due} is missing or out of its place`;
  const draft = { session: row.session, at: row.at, kind: row.kind, call: row.call ?? undefined };
  if (row.prev !== last.entry || chainHash(last.hash, draft, row.seq, row.body) !== row.hash) {
    return `entry ${due} was changed, or does not follow from the one before it`;
  }
  return undefined;
}

/** Why a chain that was followed to `reached` does not end where its head says, if it does not. */
function tailOf(reached: Head | undefined, head: Head): string | undefined {
  const seq = reached?.seq ?? 0;
  if (seq < head.seq) return `entry ${seq + 1} is missing: the chain was cut off`;
  if (seq > head.seq) return `entry ${head.seq + 1} was added by force`;
  return seq > 0 && reached?.hash !== head.hash ? `entry ${seq} is not the one that was written last` : undefined;
}
