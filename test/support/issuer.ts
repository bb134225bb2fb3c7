/** An issuer of tokens: a key pair, the public half in a JWK Set file, and tokens as it would sign them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { canarySecret } from './canaries.ts';

export const ISSUER = 'https://login.example.com';
export const AUDIENCE = 'https://tools.example.com/mcp';
export const API_AUDIENCE = 'https://tools.example.com/api';

export type Claims = Readonly<Record<string, unknown>>;

export interface TestIssuer {
  /** The JWK Set. */
  readonly file: string;
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** A sound token of ada's for an hour, with these claims instead; one that is undefined is left out. */
  token(claims?: Claims, header?: Claims): Promise<string>;
  /** The `identity` part of a gateway.yaml; `more` are further keys of the issuer in YAML's flow style. */
  yaml(more?: string): string;
}

export async function openIssuer(folder: string, alg = 'ES256', now: () => number = Date.now): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid: `${alg} 1`, use: 'sig' };
  const file = join(folder, `keys-${alg}.json`);
  writeFileSync(file, JSON.stringify({ keys: [publicJwk] }));
  return {
    file,
    publicJwk,
    privateKey,
    token: (claims = {}, header = {}) => {
      const at = Math.floor(now() / 1000);
      const jti = canarySecret('token');
      const who = { iss: ISSUER, aud: AUDIENCE, sub: 'ada', client_id: 'desk', org: 'acme' };
      const sound = { ...who, jti, iat: at, exp: at + 3600 };
      return new SignJWT({ ...sound, ...claims })
        .setProtectedHeader({ alg, kid: publicJwk.kid, typ: 'at+jwt', ...header })
        .sign(privateKey);
    },
    yaml: (more = 'tenant: org') =>
      `identity: { issuers: [{ url: "${ISSUER}", audience: "${AUDIENCE}", keys: "${file}"${more && `, ${more}`} }] }\n`,
  };
}
