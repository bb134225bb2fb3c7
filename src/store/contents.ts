/**
 * Contents: arguments and results, encrypted with AES-256-GCM under a key of their session, which is itself wrapped
 * under the master key. Destroying a session's key erases its contents. A text is bound to its journal entry: moved to
 * another entry it does not open.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { ContentRows } from './rows.ts';
import type { SessionRow } from './session-row.ts';

const NONCE = 12;
const TAG = 16;
const LAST_COUNT = 0xffff_ffff;

export class Contents {
  readonly #master: KeyObject;
  /** Random 8 bytes for this process, then a counter: no nonce comes twice, and none costs a system call. */
  readonly #nonce = Buffer.alloc(NONCE);
  #count = LAST_COUNT;
  readonly #rows: ContentRows;

  constructor(rows: ContentRows, contentKey: Uint8Array) {
    this.#rows = rows;
    this.#master = createSecretKey(contentKey);
  }

  /** A fresh key for a session, wrapped. */
  newKey(session: string): Uint8Array {
    return this.#seal(this.#master, `key of ${session}`, randomBytes(32));
  }

  /** Keeps `text` beside a journal entry of that session, and why the agent said it called. */
  async keep(session: SessionRow, entry: number, text: string, reason?: string): Promise<void> {
    const key = this.#keyOf(session);
    const sealed = this.#seal(key, placeOf(session, entry), Buffer.from(text));
    const said = reason === undefined ? null : this.#seal(key, reasonPlaceOf(session, entry), Buffer.from(reason));
    await this.#rows.insert(entry, { sealed, reason: said });
  }

  /** What was kept beside an entry, if anything was. Throws where the stored bytes were changed. */
  async read(session: SessionRow, entry: number): Promise<string | undefined> {
    const row = await this.#rows.find(entry);
    if (row === undefined) return undefined;
    return open(this.#keyOf(session), placeOf(session, entry), row.sealed).toString();
  }

  /** Why the agent said it called, where that was kept beside an entry. Throws as `read` does. */
  async readReason(session: SessionRow, entry: number): Promise<string | undefined> {
    const said = (await this.#rows.find(entry))?.reason ?? undefined;
    if (said === undefined) return undefined;
    return open(this.#keyOf(session), reasonPlaceOf(session, entry), said).toString();
  }

  /** A `KeyObject` kept with the row: setting a cipher up from raw key bytes costs four times as much. */
  #keyOf(session: SessionRow): KeyObject {
    session.key ??= createSecretKey(open(this.#master, `key of ${session.id}`, session.wrappedKey));
    return session.key;
  }

  /** Nonce, ciphertext, tag. */
  #seal(key: KeyObject, place: string, text: Uint8Array): Uint8Array {
    if (this.#count === LAST_COUNT) {
      randomBytes(8).copy(this.#nonce);
      this.#count = 0;
    }
    this.#nonce.writeUInt32BE(this.#count++, 8);
    const cipher = createCipheriv('aes-256-gcm', key, this.#nonce).setAAD(Buffer.from(place));
    const body = cipher.update(text);
    cipher.final();
    return Buffer.concat([this.#nonce, body, cipher.getAuthTag()]);
  }
}

const placeOf = (session: SessionRow, entry: number): string => `${session.id} ${entry}`;

/** Another place than that of the text, so that neither passes for the other. */
const reasonPlaceOf = (session: SessionRow, entry: number): string => `${session.id} ${entry} reason`;

function open(key: KeyObject, place: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}
