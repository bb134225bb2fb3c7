/** How this gateway proves to an issuer who it is: a secret, or a signed assertion (RFC 7523). */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { importJWK, importPKCS8, type JWK } from 'jose';
import { type ClientAuth, ClientSecretPost, PrivateKeyJwt } from 'openid-client';
import type { ClientForm } from '../domain/credential-form.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { clientSecretBasic } from './client-secret-basic.ts';
import { KeyFault, readPrivate } from './keys.ts';
import type { ReadSecret } from './secrets/read-secret.ts';

/** Refused with a phrase that holds no secret. The secret, or the key's file, is read each time. */
export async function clientAuthentication(
  client: ClientForm,
  readSecret: ReadSecret,
): Promise<Result<ClientAuth, string>> {
  if ('key' in client) return keyAuthentication(client.key, client.alg);
  const secret = await readSecret(client.secret);
  if (!secret.ok) return secret;
  const text = secret.value.reveal();
  const [basic, inBody] = [clientSecretBasic(text), ClientSecretPost(text)];
  return ok((server, ...rest) => {
    // Unsaid is the header (RFC 8414, section 2).
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    const isInBody = !methods.includes('client_secret_basic') && methods.includes('client_secret_post');
    return (isInBody ? inBody : basic)(server, ...rest);
  });
}

async function keyAuthentication(file: string, said: string | undefined): Promise<Result<ClientAuth, string>> {
  try {
    const text = readPrivate(file)?.toString();
    if (text === undefined) return refuse(`${file}, the key of the client, is not there`);
    const jwk = text.trimStart().startsWith('{') ? (JSON.parse(text) as JWK) : undefined;
    const key =
      jwk === undefined
        ? await importPKCS8(text, said ?? usual(createPrivateKey(text)))
        : await importJWK(jwk, said ?? jwk.alg ?? usual(createPrivateKey({ key: { ...jwk }, format: 'jwk' })));
    if (!(key instanceof CryptoKey)) return refuse(`${file} is no private key`);
    return ok(PrivateKeyJwt({ key, ...(jwk?.kid !== undefined && { kid: jwk.kid }) }));
  } catch (fault) {
    // What a parser says of a key may quote it.
    if (fault instanceof KeyFault) return refuse(fault.message.replace(/\.$/, ''));
    return refuse(`${file} is no private key for ${said ?? 'ES256 or another algorithm known here'}: PKCS #8 or a JWK`);
  }
}

const CURVES: Readonly<Record<string, string>> = { prime256v1: 'ES256', secp384r1: 'ES384' };

/** The algorithm of a key that does not say one. */
function usual({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === 'rsa') return 'RS256';
  return type === 'ed25519' ? 'EdDSA' : (CURVES[details?.namedCurve ?? ''] ?? '');
}
