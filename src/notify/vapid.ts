/** The key pair by which push services know this deployment (VAPID, RFC 8292). */
import { createECDH, hkdfSync } from 'node:crypto';

export interface Vapid {
  /** Base64url, as browsers and the library take them: an uncompressed point of P-256, and its scalar. */
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Follows from 32 secret bytes: every replica with the same keys is the same to browsers, and so is this one after a restart. */
export function vapidOf(secret: Uint8Array): Vapid {
  const pair = createECDH('prime256v1');
  // One in four thousand million texts is no scalar of the curve: then the next one is tried.
  for (let tries = 0; tries < 8; tries++) {
    const scalar = Buffer.from(hkdfSync('sha256', secret, '', `tollgate vapid ${tries}`, 32));
    try {
      pair.setPrivateKey(scalar);
      return { publicKey: pair.getPublicKey('base64url'), privateKey: scalar.toString('base64url') };
    } catch {
      // It is no scalar.
    }
  }
  throw new Error('no key for web push follows from the secret');
}
