/** An authenticator in software, and the browser before it: what WebAuthn has them say, and every way to say it wrong. */
import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** What may be wrong. */
export interface Wrong {
  readonly challenge?: string;
  readonly origin?: string;
  readonly rp?: string;
  /** User present (1), user verified (4). */
  readonly flags?: number;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly counter?: number;
}

interface Options {
  readonly challenge: string;
  readonly rp?: { readonly id: string };
  readonly rpId?: string;
}

const coded = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

export class SoftAuthenticator {
  readonly id = coded(randomBytes(32));
  readonly #origin: string;
  readonly #key: KeyObject;
  readonly publicKey: KeyObject;
  readonly #jwk;
  #counter: number;

  /** `counter`: 0 never counts; otherwise where it begins. */
  constructor(origin: string, counter = 0) {
    this.#origin = origin;
    this.#counter = counter;
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = pair.privateKey;
    this.publicKey = pair.publicKey;
    this.#jwk = pair.publicKey.export({ format: 'jwk' });
  }

  /** `navigator.credentials.create`. */
  create(options: unknown, wrong: Wrong = {}) {
    const { challenge, rp } = options as Options;
    const publicKey = isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        ...([
          [1, 2],
          [3, -7],
          [-1, 1],
        ] as const),
        [-2, Buffer.from(this.#jwk.x ?? '', 'base64url')],
        [-3, Buffer.from(this.#jwk.y ?? '', 'base64url')],
      ]) as never,
    );
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.from([id.length >> 8, id.length & 255]);
    const data = Buffer.concat([this.#data(rp?.id, wrong, 0x40), Buffer.alloc(16), length, id, publicKey]);
    const attestationObject = isoCBOR.encode(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', new Uint8Array(data)],
      ]) as never,
    );
    const client = this.#client('webauthn.create', challenge, wrong);
    return this.#credential({
      attestationObject: coded(attestationObject),
      clientDataJSON: coded(client),
      transports: ['usb'],
    });
  }

  /** `navigator.credentials.get`. */
  get(options: unknown, wrong: Wrong = {}) {
    const { challenge, rpId } = options as Options;
    if (this.#counter > 0) this.#counter += 1;
    const data = this.#data(rpId, wrong);
    const client = this.#client('webauthn.get', challenge, wrong);
    const signature = sign('sha256', Buffer.concat([data, hash('sha256', client, 'buffer')]), this.#key);
    return this.#credential({
      authenticatorData: coded(data),
      clientDataJSON: coded(client),
      signature: coded(signature),
    });
  }

  #credential<T>(response: T) {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #data(rp: string | undefined, wrong: Wrong, more = 0): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(wrong.counter ?? this.#counter);
    const name = hash('sha256', wrong.rp ?? rp ?? new URL(this.#origin).hostname, 'buffer');
    return Buffer.concat([name, Buffer.from([(wrong.flags ?? 5) | more]), counter]);
  }

  #client(type: string, challenge: string, wrong: Wrong): Buffer {
    const said = {
      type: wrong.type ?? type,
      challenge: wrong.challenge ?? challenge,
      origin: wrong.origin ?? this.#origin,
      crossOrigin: wrong.crossOrigin ?? false,
    };
    return Buffer.from(JSON.stringify(said));
  }
}
