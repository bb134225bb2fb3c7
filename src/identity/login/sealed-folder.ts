/**
 * A folder of files that only we can read, each AES-256-GCM under one key and bound to its own name: moved to another name a
 * file does not open. A file is written whole beside its place and renamed into it, so nobody reads half of one.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder, readPrivate } from '../keys.ts';

const NONCE = 12;
const TAG = 16;

export class SealedFolder {
  readonly #folder: string;
  readonly #key: KeyObject;

  /** `key`: 32 bytes. Throws `KeyFault` where others can use the folder. */
  constructor(folder: string, key: Uint8Array) {
    privateFolder(folder);
    this.#folder = folder;
    this.#key = createSecretKey(key);
  }

  /** Undefined where there is none, or where it was changed or sealed under another key. Throws `KeyFault` for a loose one. */
  read(name: string): unknown {
    const sealed = readPrivate(join(this.#folder, name));
    if (sealed === undefined || sealed.length < NONCE + TAG) return undefined;
    const opening = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, NONCE), { authTagLength: TAG });
    opening.setAAD(Buffer.from(name)).setAuthTag(sealed.subarray(-TAG));
    try {
      const text = Buffer.concat([opening.update(sealed.subarray(NONCE, -TAG)), opening.final()]);
      return JSON.parse(text.toString('utf8'));
    } catch {
      return undefined;
    }
  }

  /** Throws where it cannot be written. */
  write(name: string, value: unknown): void {
    const nonce = randomBytes(NONCE);
    const sealing = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name));
    const body = Buffer.concat([sealing.update(JSON.stringify(value)), sealing.final()]);
    const draft = join(this.#folder, `.${name}.${randomBytes(8).toString('hex')}`);
    writeFileSync(draft, Buffer.concat([nonce, body, sealing.getAuthTag()]), { flag: 'wx', mode: 0o600, flush: true });
    renameSync(draft, join(this.#folder, name));
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }
}
