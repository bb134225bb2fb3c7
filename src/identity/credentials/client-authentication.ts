/** How this gateway proves to an issuer who it is: a secret, or a signed assertion (RFC 7523). */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type CryptoKey, importJWK, importPKCS8, type JWK } from 'jose';
import { type ClientAuth, ClientSecretPost, PrivateKeyJwt, type ServerMetadata } from 'openid-client';
import type { ClientForm } from '../../domain/credential-form.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { clientSecretBasic } from '../client-secret-basic.ts';
import { readPrivate } from '../keys.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';

/** Refused with a phrase. The secret, or the key's file, is read each time. */
export async function clientAuthentication(
  client: ClientForm,
  metadata: ServerMetadata,
  readSecret: ReadSecret,
): Promise<Result<ClientAuth, string>> {
  if ('key' in client) {
    const key = await signingKey(client.key, client.alg);
    return key.ok ? ok(PrivateKeyJwt(key.value)) : key;
  }
  const secret = await readSecret(client.secret);
  if (!secret.ok) return secret;
  // Unsaid is the header (RFC 8414, section 2).
  const taken = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const inBody = !taken.includes('client_secret_basic') && taken.includes('client_secret_post');
  return ok((inBody ? ClientSecretPost : clientSecretBasic)(secret.value.reveal()));
}

async function signingKey(file: string, said: string | undefined): Promise<Result<CryptoKey, string>> {
  try {
    const text = readPrivate(file)?.toString();
    if (text === undefined) return refuse(`there is no key at ${file}`);
    if (text.trimStart().startsWith('{')) {
      const jwk = JSON.parse(text) as JWK;
      const key = await importJWK(jwk, said ?? jwk.alg ?? usual(createPrivateKey({ key: { ...jwk }, format: 'jwk' })));
      return key instanceof Uint8Array ? refuse(`${file} holds no private key`) : ok(key);
    }
    return ok(await importPKCS8(text, said ?? usual(createPrivateKey(text))));
  } catch (fault) {
    // What a parser says of a key may quote it.
    const why = fault instanceof Error && fault.name === 'KeyFault' ? fault.message.replace(/\.$/, '') : undefined;
    return refuse(why ?? `${file} holds no private key that can sign with ${said ?? 'any algorithm known here'}`);
  }
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384' };

/** The algorithm of a key that does not say one. */
function usual({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return 'RS256';
  return type === 'ed25519' ? 'EdDSA' : (CURVES[details?.namedCurve ?? ''] ?? '');
}
