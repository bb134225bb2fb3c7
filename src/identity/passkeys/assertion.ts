/**
 * Whether a passkey signed a text: WebAuthn level 3, section 7.2, steps 11 to 23, as a pure function over what was kept, so that `commit`
 * and an audit judge years later what the gateway judged when it came.
 */
import { hash, type KeyObject, verify } from 'node:crypto';
import { isObject, type JsonValue } from '../../domain/json.ts';
import type { PasskeyProof } from '../../domain/proof.ts';

export interface Authenticator {
  readonly key: KeyObject;
  /** The one origin where it was enrolled. Its host name is the RP ID. */
  readonly origin: string;
}

/** What an authenticator is asked to sign for a text that is a digest (`sha256:...`): its 32 bytes, base64url. */
export const challengeOf = (text: string): string =>
  Buffer.from(text.slice('sha256:'.length), 'hex').toString('base64url');

const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
/** Digest of the RP ID, flags, counter. */
const SHORTEST_DATA = 37;

export function isAsserted(text: string, proof: PasskeyProof, { key, origin }: Authenticator): boolean {
  const [data, client, signature] = [proof.authenticatorData, proof.clientDataJSON, proof.signature].map(exactly);
  if (data === undefined || client === undefined || signature === undefined || data.length < SHORTEST_DATA)
    return false;
  const flags = data[32] ?? 0;
  return (
    isMeant(client, text, origin) &&
    data.subarray(0, 32).equals(hash('sha256', new URL(origin).hostname, 'buffer')) &&
    (flags & USER_PRESENT) !== 0 &&
    (flags & USER_VERIFIED) !== 0 &&
    verify(digestFor(key), Buffer.concat([data, hash('sha256', client, 'buffer')]), key, signature)
  );
}

/** What the browser says of it: for which text, on whose page, in no frame of another. */
function isMeant(client: Buffer, text: string, origin: string): boolean {
  const said = parsed(client.toString('utf8'));
  return (
    isObject(said) &&
    said['type'] === 'webauthn.get' &&
    said['challenge'] === challengeOf(text) &&
    said['origin'] === origin &&
    said['crossOrigin'] !== true &&
    said['topOrigin'] === undefined
  );
}

/** Ed25519 digests by itself. */
const digestFor = (key: KeyObject): 'sha256' | null => (key.asymmetricKeyType === 'ed25519' ? null : 'sha256');

/** Base64url that decodes leniently to the same bytes is refused: a proof has one spelling. */
function exactly(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
