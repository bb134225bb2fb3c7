/** The grant `jwt-bearer` (RFC 7523) of `oidc-provider`: an identity provider's word for its user becomes a token (ID-JAG, step 2). */
import { decodeJwt, importJWK, type JWK, jwtVerify } from 'jose';
import { errors, type Provider, type ResourceServer } from 'oidc-provider';
import { delegate } from './token-exchange.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface Trusting {
  readonly issuer: string;
  /** The public keys of identity providers, by issuer. */
  readonly trusts: Readonly<Record<string, JWK>>;
  resourceOf(uri: string): ResourceServer;
}

export function identityAssertions(provider: Provider, { issuer, trusts, resourceOf }: Trusting): void {
  provider.registerGrantType(
    JWT_BEARER,
    async (context) => {
      const { client } = context.oidc;
      if (client === undefined) throw new errors.InvalidClient('no client');
      const assertion = String(context.oidc.params?.['assertion']);
      const claims = await grantIn(assertion, issuer, trusts);
      if (claims['client_id'] !== client.clientId) throw new errors.InvalidGrant('for another client');
      const resource = String(claims['resource']);
      const server = resourceOf(resource);
      const scope = String(claims['scope'] ?? '');
      const token = new provider.ClientCredentials({ client, scope });
      token.resourceServer = new provider.ResourceServer(resource, server);
      delegate(token, { sub: `local-${claims.sub}`, client_id: client.clientId });
      const issued = await token.save();
      context.body = { access_token: issued, token_type: 'Bearer', expires_in: token.expiration, scope };
    },
    ['assertion', 'resource', 'scope'],
  );
}

async function grantIn(assertion: string, audience: string, trusts: Trusting['trusts']) {
  try {
    const { iss = '' } = decodeJwt(assertion);
    const key = await importJWK(trusts[iss] ?? {}, 'ES256');
    return (await jwtVerify(assertion, key, { audience, typ: 'oauth-id-jag+jwt' })).payload;
  } catch {
    throw new errors.InvalidGrant('the assertion is not valid');
  }
}
