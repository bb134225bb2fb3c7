/**
 * How contents are encrypted: AES-256-GCM under a key of their session, which is itself wrapped under the master key.
 * Destroying a session's key erases its contents. A text is bound to its place: moved to another it does not open.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;
const LAST_COUNT = 0xffff_ffff;

/** One for a process, however many transactions use it. */
export class Sealing {
  readonly #master: KeyObject;
  /** Random 8 bytes for this process, then a counter: no nonce comes twice, and none costs a system call. */
  readonly #nonce = Buffer.alloc(NONCE);
  #count = LAST_COUNT;

  /** 32 bytes. */
  constructor(contentKey: Uint8Array) {
    this.#master = createSecretKey(contentKey);
  }

  /** A fresh key for a session, wrapped. */
  newKey(session: string): Uint8Array {
    return this.seal(this.#master, `key of ${session}`, randomBytes(32));
  }

  /** A `KeyObject` to keep: setting a cipher up from raw key bytes costs four times as much. */
  unwrapped(session: string, wrappedKey: Uint8Array): KeyObject {
    return createSecretKey(unseal(this.#master, `key of ${session}`, wrappedKey));
  }

  /** Under the master key itself: what all who have it may read, whatever session it is of. */
  sealForAll(place: string, text: Uint8Array): Uint8Array {
    return this.seal(this.#master, place, text);
  }

  /** Throws as `unseal` does. */
  unsealForAll(place: string, sealed: Uint8Array): Buffer {
    return unseal(this.#master, place, sealed);
  }

  /** Nonce, ciphertext, tag. */
  seal(key: KeyObject, place: string, text: Uint8Array): Uint8Array {
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

/** Throws where the bytes were changed, or sealed for another place or under another key. */
export function unseal(key: KeyObject, place: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG });
  decipher.setAAD(Buffer.from(place)).setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}
