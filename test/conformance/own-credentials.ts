/**
 * The suite's scenarios in which a client has credentials of its own: directly by the official SDK's providers, through Tollgate by
 * `client_credentials` or `id_jag` of the deployment. The suite's tokens are opaque, and its authorization servers cannot be asked
 * about them: Tollgate obtains one, and shows it to nobody.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  type OAuthClientProvider,
  PrivateKeyJwtProvider,
  requestJwtAuthorizationGrant,
} from '@modelcontextprotocol/client';
import * as z from 'zod';
import { type Deployment, issuerOf, suiteServers } from './logins.ts';

const contextShape = z.union([
  z.object({
    client_id: z.string(),
    client_secret: z.string(),
    idp_client_id: z.string(),
    idp_id_token: z.string(),
    idp_issuer: z.string(),
    idp_token_endpoint: z.string(),
  }),
  z.object({ client_id: z.string(), private_key_pem: z.string(), signing_algorithm: z.literal('ES256') }),
  z.object({ client_id: z.string(), client_secret: z.string() }),
]);

const given = () => contextShape.parse(JSON.parse(process.env['MCP_CONFORMANCE_CONTEXT'] ?? '{}'));

export function ownProvider(): OAuthClientProvider {
  const known = given();
  if ('idp_issuer' in known)
    return new CrossAppAccessProvider({
      clientId: known.client_id,
      clientSecret: known.client_secret,
      assertion: async ({ authorizationServerUrl, resourceUrl }) => {
        const grant = await requestJwtAuthorizationGrant({
          tokenEndpoint: known.idp_token_endpoint,
          audience: String(authorizationServerUrl),
          resource: String(resourceUrl),
          idToken: known.idp_id_token,
          clientId: known.idp_client_id,
        });
        return grant.jwtAuthGrant;
      },
    });
  return 'private_key_pem' in known
    ? new PrivateKeyJwtProvider({
        clientId: known.client_id,
        privateKey: known.private_key_pem,
        algorithm: known.signing_algorithm,
      })
    : new ClientCredentialsProvider({ clientId: known.client_id, clientSecret: known.client_secret });
}

/** The deployment before a server that takes such a token. A key is put into `folder`. */
export async function ownDeployment(url: string, era: string, folder: string): Promise<Deployment> {
  const known = given();
  if ('idp_issuer' in known) {
    const { idp_issuer: issuer, idp_client_id: id, client_id, client_secret, idp_id_token } = known;
    const at = {
      issuer: await issuerOf(url),
      client: { id: client_id, secret: { secret: 'env://CONFORMANCE_SECRET' } },
    };
    // The suite's provider knows its client by the name alone, and looks at no secret.
    const client = { id, secret: { secret: 'env://CONFORMANCE_PROVIDER_SECRET' } };
    const subject = { secret: 'env://CONFORMANCE_ID_TOKEN' };
    const id_jag = { issuer, audience: at.issuer, resource: url, client, subject, at };
    return {
      text: JSON.stringify({
        version: 1,
        servers: { judged: { url, era, credential: { id_jag } }, ...suiteServers() },
      }),
      environment: {
        CONFORMANCE_SECRET: client_secret,
        CONFORMANCE_PROVIDER_SECRET: 'none',
        CONFORMANCE_ID_TOKEN: idp_id_token,
      },
    };
  }
  const isKey = 'private_key_pem' in known;
  if (isKey) writeFileSync(join(folder, 'key.pem'), known.private_key_pem, { mode: 0o600 });
  const proof = isKey
    ? { key: 'key.pem', alg: known.signing_algorithm }
    : { secret: { secret: 'env://CONFORMANCE_SECRET' } };
  const client_credentials = { issuer: await issuerOf(url), resource: url, client: { id: known.client_id, ...proof } };
  const judged = { url, era, credential: { client_credentials } };
  return {
    text: JSON.stringify({ version: 1, servers: { judged, ...suiteServers() } }),
    environment: { CONFORMANCE_SECRET: isKey ? '' : known.client_secret },
  };
}
