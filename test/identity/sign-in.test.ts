/** Signing in, against a real authorization server: how we prove to be its client, and what of it is not believed. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import type { ClientMetadata } from 'oidc-provider';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import type { ClientForm } from '../../src/domain/credential-form.ts';
import { openSecrets } from '../../src/identity/secrets/read-secret.ts';
import { signIn } from '../../src/identity/sign-in/sign-in.ts';
import { openOutgoing } from '../../src/outgoing/outgoing.ts';
import { signIn as browse, startAuthorizationServer } from '../support/authorization-server.ts';
import { temporaryFolder } from '../support/gateway.ts';

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BACK = 'http://127.0.0.1:9/sign-in/callback';
const SECRET = 'a secret of thirty-two characters';
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
const keyFile = join(folder, 'client.pem');
writeFileSync(keyFile, await exportPKCS8(privateKey), { mode: 0o600 });
const jwkFile = join(folder, 'client.json');
writeFileSync(jwkFile, JSON.stringify({ ...(await exportJWK(privateKey)), kid: 'k', alg: 'ES256' }), { mode: 0o600 });
const secretFile = join(folder, 'secret');
writeFileSync(secretFile, `${SECRET}\n`, { mode: 0o600 });

async function opened(client: ClientForm, metadata: Partial<ClientMetadata>) {
  const server = await startAuthorizationServer({
    resources: {},
    people: { ada: { org: 'acme', groups: ['leads'], sid: 'theirs' } },
    clients: [{ client_id: 'tollgate', redirect_uris: [BACK], application_type: 'native', ...metadata }],
    configuration: { clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] },
  });
  const outgoing = openOutgoing({ isWritten: () => true });
  onTestFinished(async () => {
    await outgoing.close();
    await server.close();
  });
  let at = Date.now();
  const people = signIn({
    ...{ issuer: server.issuer, tenant: 'org', client, outgoing, now: () => at },
    roles: [{ role: 'approver', kind: 'group', name: 'leads', issuer: server.issuer }],
    readSecret: openSecrets({ environment: { LOGIN: SECRET }, platform: process.platform }),
  });
  const enter = async () => {
    const begun = await people.begin(BACK);
    if (!begun.ok) return begun;
    return people.finish(new URL(await browse(server, begun.value.url, 'ada')), begun.value.underWay);
  };
  return { server, people, enter, later: (milliseconds: number) => (at += milliseconds) };
}

const BASIC = { client_secret: SECRET };

test.each<readonly [string, ClientForm, Partial<ClientMetadata>]>([
  ['a secret of the environment', { id: 'tollgate', secret: 'env://LOGIN' }, BASIC],
  ['a secret of a file', { id: 'tollgate', secret: `file://${secretFile}` }, BASIC],
  [
    'a key in PKCS #8',
    { id: 'tollgate', key: keyFile, alg: undefined },
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...(await exportJWK(publicKey)) }] } },
  ],
  [
    'a key as a JWK',
    { id: 'tollgate', key: jwkFile, alg: undefined },
    { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'k' }] } },
  ],
])('a person signs in where we are known by %s', async (_, client, metadata) => {
  const { server, enter } = await opened(client, metadata);
  expect(await enter()).toEqual({
    ok: true,
    value: {
      principal: { issuer: server.issuer, subject: 'ada', client: 'tollgate', actors: [], tenant: 'acme' },
      groups: ['leads'],
      tokenClaims: new Map(),
      scopes: [],
      sid: undefined,
      person: { roles: ['approver'], looksOnly: false },
    },
  });
});

test('a secret goes into the body where the server takes it nowhere else', async () => {
  const { server, enter } = await opened(
    { id: 'tollgate', secret: 'env://LOGIN' },
    { ...BASIC, token_endpoint_auth_method: 'client_secret_post' },
  );
  server.misbehave(({ path }) =>
    path.includes('openid-configuration')
      ? { rewrite: (body) => ({ ...body, token_endpoint_auth_methods_supported: ['client_secret_post'] }) }
      : undefined,
  );
  expect((await enter()).ok).toBe(true);
  expect(server.seen.find(({ path }) => path === '/token')?.authorization).toBeUndefined();
});

test.each<readonly [string, ClientForm, RegExp]>([
  [
    'a variable that is not set',
    { id: 'tollgate', secret: 'env://NONE' },
    /^the environment variable NONE is not set$/,
  ],
  ['a file that is not there', { id: 'tollgate', secret: 'file:///nowhere' }, /^there is no file \/nowhere$/],
  ['a key that is not there', { id: 'tollgate', key: '/nowhere', alg: undefined }, /is not there$/],
  ['a file that is no key', { id: 'tollgate', key: secretFile, alg: undefined }, /is no private key for ES256/],
  ['a wrong secret', { id: 'tollgate', secret: 'env://LOGIN' }, /./],
])('nobody signs in by %s, and the reason holds no secret', async (why, client, reason) => {
  const metadata = why === 'a wrong secret' ? { client_secret: 'another of thirty-two characters!' } : BASIC;
  const { enter } = await opened(client, metadata);
  const refused = await enter();
  expect(refused).toEqual({ ok: false, error: expect.stringMatching(reason) });
  expect(JSON.stringify(refused)).not.toContain(SECRET);
});

test('a file that others may read is no secret', async () => {
  chmodSync(secretFile, 0o644);
  onTestFinished(() => chmodSync(secretFile, 0o600));
  const { enter } = await opened({ id: 'tollgate', secret: `file://${secretFile}` }, BASIC);
  expect(await enter()).toEqual({ ok: false, error: expect.stringContaining('has mode 0644') });
});

test.each([
  ['names another issuer than the deployment does', { issuer: 'https://evil.example' }],
  ['has a token endpoint that is no URL', { token_endpoint: 'x' }],
])('a server whose metadata %s is not used', async (_, lie) => {
  const { server, enter } = await opened({ id: 'tollgate', secret: 'env://LOGIN' }, BASIC);
  server.misbehave(({ path }) =>
    path.includes('openid-configuration') ? { rewrite: (body) => ({ ...body, ...lie }) } : undefined,
  );
  expect((await enter()).ok).toBe(false);
  expect(server.seen.filter(({ path }) => path === '/token')).toEqual([]);
});

test('an issuer that was down is asked again; what it said is kept for an hour', async () => {
  const { server, enter, later } = await opened({ id: 'tollgate', secret: 'env://LOGIN' }, BASIC);
  const asked = () => server.seen.filter(({ path }) => path.includes('openid-configuration')).length;
  server.misbehave(({ path }) => (path.includes('configuration') ? { instead: { status: 503, body: {} } } : undefined));
  expect((await enter()).ok).toBe(false);
  server.misbehave(() => undefined);
  expect([(await enter()).ok, (await enter()).ok, asked()]).toEqual([true, true, 2]);
  later(60 * 60_000);
  expect([(await enter()).ok, asked()]).toEqual([true, 3]);
});
