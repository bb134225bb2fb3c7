/** Contents: arguments, results and reasons, sealed under their session's key beside their journal entry. */
import type { KeyObject } from 'node:crypto';
import type { Content, ContentRows } from './rows/content-rows.ts';
import { type Sealing, unseal } from './sealing.ts';
import type { SessionRow } from './session-row.ts';
import type { Awaitable } from './sql.ts';

export class Contents {
  readonly #rows: ContentRows;
  readonly #sealing: Sealing;
  readonly #count: (session: SessionRow, bytes: number) => void;

  /** `count` hears how many bytes are kept of a session. */
  constructor(rows: ContentRows, sealing: Sealing, count: (session: SessionRow, bytes: number) => void) {
    this.#rows = rows;
    this.#sealing = sealing;
    this.#count = count;
  }

  /** A fresh key for a session, wrapped. */
  newKey(session: string): Uint8Array {
    return this.#sealing.newKey(session);
  }

  /** Keeps `text` beside a journal entry of that session, and why the agent said it called. */
  keep(session: SessionRow, entry: number, text: string, reason?: string): Awaitable<void> {
    const key = this.#keyOf(session);
    const seal = (place: string, what: string) => this.#sealing.seal(key, place, Buffer.from(what));
    const said = reason === undefined ? null : seal(reasonPlaceOf(session, entry), reason);
    const sealed = seal(placeOf(session, entry), text);
    this.#count(session, sealed.length + (said?.length ?? 0));
    return this.#rows.insert(entry, { sealed, reason: said });
  }

  /** What was kept beside an entry, if anything was. Throws where the stored bytes were changed. */
  async read(session: SessionRow, entry: number): Promise<string | undefined> {
    const row = await this.#rows.find(entry);
    if (row === undefined) return undefined;
    return unseal(this.#keyOf(session), placeOf(session, entry), row.sealed).toString();
  }

  /** Why the agent said it called, where that was kept beside an entry. Throws as `read` does. */
  async readReason(session: SessionRow, entry: number): Promise<string | undefined> {
    const said = (await this.#rows.find(entry))?.reason ?? undefined;
    if (said === undefined) return undefined;
    return unseal(this.#keyOf(session), reasonPlaceOf(session, entry), said).toString();
  }

  /** Opens what lies beside an entry, where it was read with the entry. Throws as `read` does. */
  open(session: SessionRow, { entry, sealed, reason }: Content & { readonly entry: number }) {
    const key = this.#keyOf(session);
    return {
      text: unseal(key, placeOf(session, entry), sealed).toString(),
      reason: reason === null ? undefined : unseal(key, reasonPlaceOf(session, entry), reason).toString(),
    };
  }

  #keyOf(session: SessionRow): KeyObject {
    session.key ??= this.#sealing.unwrapped(session.id, session.wrappedKey);
    return session.key;
  }
}

const placeOf = (session: SessionRow, entry: number): string => `${session.id} ${entry}`;

/** Another place than that of the text, so that neither passes for the other. */
const reasonPlaceOf = (session: SessionRow, entry: number): string => `${session.id} ${entry} reason`;
