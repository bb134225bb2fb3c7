/** How we prove to an issuer that we are its client (OpenID Connect Core, section 9). */
import { importJWK, importPKCS8, type JWK } from 'jose';
import { type ClientAuth, ClientSecretPost, PrivateKeyJwt } from 'openid-client';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { clientSecretBasic } from '../client-secret-basic.ts';
import { KeyFault, readPrivate } from '../keys.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';

export type OwnClient =
  | { readonly id: string; readonly secret: string }
  | { readonly id: string; readonly key: string; readonly alg: string | undefined };

/** Refuses with a sentence what cannot be read; there is no secret in it. */
export async function clientAuthentication(
  client: OwnClient,
  readSecret: ReadSecret,
): Promise<Result<ClientAuth, string>> {
  if ('key' in client) return keyAuthentication(client.key, client.alg);
  const secret = await readSecret(client.secret);
  if (!secret.ok) return secret;
  const text = secret.value.reveal();
  const [basic, inBody] = [clientSecretBasic(text), ClientSecretPost(text)];
  // What a server does not say is the first of these (RFC 8414, section 2).
  return ok((server, ...rest) => {
    const { token_endpoint_auth_methods_supported: methods = ['client_secret_basic'] } = server;
    return (methods.includes('client_secret_basic') ? basic : inBody)(server, ...rest);
  });
}

async function keyAuthentication(file: string, alg = 'ES256'): Promise<Result<ClientAuth, string>> {
  try {
    const text = readPrivate(file)?.toString('utf8');
    if (text === undefined) return refuse(`${file}, the key of the client, is not there`);
    const jwk = text.trimStart().startsWith('{') ? (JSON.parse(text) as JWK) : undefined;
    const key = jwk === undefined ? await importPKCS8(text, alg) : await importJWK(jwk, jwk.alg ?? alg);
    if (!(key instanceof CryptoKey)) return refuse(`${file} is no private key`);
    return ok(PrivateKeyJwt({ key, ...(jwk?.kid !== undefined && { kid: jwk.kid }) }));
  } catch (fault) {
    return refuse(fault instanceof KeyFault ? fault.message : `${file} is no private key for ${alg}: PKCS #8 or a JWK`);
  }
}
