/** The authorization server that the tests stand on is a real one: what they assume of it is tested here. */
import { createHash, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { type AuthorizationServer, signIn, startAuthorizationServer } from '../support/authorization-server.ts';

const FILES = 'https://files.example.com/mcp';
const BACK = 'http://127.0.0.1:9/back';
const TYPE = 'urn:ietf:params:oauth:token-type:access_token';

async function started(): Promise<AuthorizationServer> {
  const server = await startAuthorizationServer({
    resources: { [FILES]: { scopes: ['files:read', 'files:write'] } },
    clients: [
      {
        client_id: 'gateway',
        client_secret: 'a secret of thirty-two characters',
        grant_types: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
        redirect_uris: [],
        response_types: [],
      },
      { client_id: 'desk', token_endpoint_auth_method: 'none', redirect_uris: [BACK], application_type: 'native' },
    ],
    people: { ada: { groups: ['support'], org: 'acme' } },
  });
  onTestFinished(() => server.close());
  return server;
}

async function tokenFrom(server: AuthorizationServer, parameters: Record<string, string>, secret?: string) {
  const basic = Buffer.from(`gateway:${encodeURIComponent(secret ?? '')}`).toString('base64');
  const response = await fetch(`${server.issuer}/token`, {
    method: 'POST',
    headers: secret === undefined ? {} : { authorization: `Basic ${basic}` },
    body: new URLSearchParams(parameters),
  });
  return (await response.json()) as Record<string, unknown>;
}

const claimsOf = async (server: AuthorizationServer, token: unknown) =>
  (await jwtVerify(String(token), createRemoteJWKSet(new URL(`${server.issuer}/jwks`)), { audience: FILES })).payload;

test('a token is exchanged for a narrower one, of the same subject, with who exchanged it as the actor', async () => {
  const server = await started();
  const subject = await server.token({ aud: 'https://tools.example.com/mcp', scope: 'files:read files:write' });
  const asked = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: subject,
    subject_token_type: TYPE,
    resource: FILES,
  };
  const secret = 'a secret of thirty-two characters';
  const answer = await tokenFrom(server, { ...asked, scope: 'files:read' }, secret);
  expect(answer).toMatchObject({ token_type: 'Bearer', issued_token_type: TYPE, scope: 'files:read' });
  expect(await claimsOf(server, answer['access_token'])).toMatchObject({
    sub: 'ada',
    client_id: 'gateway',
    act: { sub: 'gateway' },
    scope: 'files:read',
  });
  expect(await tokenFrom(server, { ...asked, scope: 'files:read admin' }, secret)).toMatchObject({
    error: 'invalid_scope',
  });
  const forAnother = await server.token({ scope: 'files:read', may_act: { sub: 'another' } });
  expect(await tokenFrom(server, { ...asked, subject_token: forAnother }, secret)).toMatchObject({
    error: 'invalid_request',
  });
});

test('a person logs in with a browser, and the token says who it is', async () => {
  const server = await started();
  const verifier = randomBytes(32).toString('base64url');
  const url = new URL(`${server.issuer}/auth`);
  const asked = {
    client_id: 'desk',
    response_type: 'code',
    redirect_uri: BACK,
    scope: 'files:read',
    resource: FILES,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state: 'mine',
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  const back = new URL(await signIn(server, url.href, 'ada'));
  expect(back.searchParams.get('state')).toBe('mine');
  const answer = await tokenFrom(server, {
    grant_type: 'authorization_code',
    client_id: 'desk',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: BACK,
    code_verifier: verifier,
    resource: FILES,
  });
  expect(await claimsOf(server, answer['access_token'])).toMatchObject({
    sub: 'ada',
    client_id: 'desk',
    groups: ['support'],
    org: 'acme',
    scope: 'files:read',
  });
});

test('it misbehaves as it is told to', async () => {
  const server = await started();
  server.misbehave(({ path }) => (path === '/jwks' ? { instead: { status: 503, body: 'down' } } : undefined));
  expect((await fetch(`${server.issuer}/jwks`)).status).toBe(503);
  server.misbehave(() => ({ rewrite: (body) => ({ ...body, issuer: 'https://evil.example' }) }));
  const metadata = await fetch(`${server.issuer}/.well-known/openid-configuration`);
  expect(await metadata.json()).toMatchObject({ issuer: 'https://evil.example' });
});
