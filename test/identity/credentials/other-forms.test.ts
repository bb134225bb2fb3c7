/** Client credentials, identity assertions and stored secrets, at real authorization servers. */
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, exportJWK, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CredentialForm } from '../../../src/domain/credential-form.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { JWT_BEARER } from '../../support/identity-assertions.ts';
import { asked, CLIENT, CRM, clientOf, issuerWith, opened, TOKEN_EXCHANGE, wantedOf } from './opened.ts';

const OWN = {
  server: 'crm',
  session: '',
  principal: { issuer: 'local', subject: 'gateway', client: 'local', actors: [], tenant: 'local' },
  scopes: [],
  subjectToken: undefined,
} as const;

const ownAt = (issuer: string, more: object = {}): CredentialForm => ({
  kind: 'client_credentials',
  issuer,
  resource: CRM,
  scopes: ['cases:read'],
  client: CLIENT,
  introspection: false,
  ...more,
});

async function claimsOf(
  form: CredentialForm,
  wanted: Parameters<ReturnType<typeof opened>['credentials']['obtain']>[0],
) {
  const obtained = await opened(form).credentials.obtain(wanted);
  if (!obtained.ok) throw new Error(JSON.stringify(obtained.error));
  return decodeJwt(obtained.value?.value.reveal().replace(/^Bearer /, '') ?? '');
}

describe('client credentials', () => {
  test('are for the server and the scopes of the tool, and where it names none for those of the deployment', async () => {
    const server = await issuerWith();
    expect(await claimsOf(ownAt(server.issuer), OWN)).toMatchObject({ aud: CRM, scope: 'cases:read' });
    const tool = { ...OWN, scopes: ['replies:send'] };
    expect(await claimsOf(ownAt(server.issuer), tool)).toMatchObject({ aud: CRM, scope: 'replies:send' });
    expect(server.seen.find(({ path }) => path === '/token')?.authorization).toMatch(/^Basic /);
  });

  test('go in the body where the issuer takes them nowhere else', async () => {
    const server = await issuerWith({
      clients: [{ ...clientOf('gateway', 'client_credentials'), token_endpoint_auth_method: 'client_secret_post' }],
      configuration: { clientAuthMethods: ['client_secret_post'] },
    });
    expect(await claimsOf(ownAt(server.issuer), OWN)).toMatchObject({ aud: CRM });
    expect(server.seen.find(({ path }) => path === '/token')).toMatchObject({ authorization: undefined });
  });

  test('are not used where they may more, or are for another server', async () => {
    const server = await issuerWith();
    server.misbehave(({ path }) =>
      path === '/token' ? { rewrite: (body) => ({ ...body, scope: 'cases:read admin' }) } : undefined,
    );
    expect(await opened(ownAt(server.issuer)).credentials.obtain(OWN)).toMatchObject({
      error: { why: expect.stringContaining('(scope)') },
    });
    server.misbehave(() => undefined);
    const elsewhere = await server.token({ aud: 'https://evil.example', scope: 'cases:read' });
    server.misbehave(({ path }) =>
      path === '/token' ? { rewrite: (body) => ({ ...body, access_token: elsewhere }) } : undefined,
    );
    expect(await opened(ownAt(server.issuer)).credentials.obtain(OWN)).toMatchObject({
      error: { why: expect.stringContaining('(aud)') },
    });
  });

  test.each(['PEM', 'JWK'])(
    'are proved by a signed assertion, with a key in a file (%s) that is ours alone',
    async (format) => {
      const folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const key = join(folder, 'key');
      const text =
        format === 'PEM'
          ? pair.privateKey.export({ type: 'pkcs8', format: 'pem' })
          : JSON.stringify(pair.privateKey.export({ format: 'jwk' }));
      writeFileSync(key, text, { mode: 0o600 });
      const server = await issuerWith({
        clients: [
          {
            ...clientOf('gateway', 'client_credentials'),
            token_endpoint_auth_method: 'private_key_jwt',
            token_endpoint_auth_signing_alg: 'ES256',
            jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), use: 'sig', alg: 'ES256' }] },
          },
        ],
      });
      const form = ownAt(server.issuer, { client: { id: 'gateway', key, alg: undefined } });
      expect(await claimsOf(form, OWN)).toMatchObject({ aud: CRM, client_id: 'gateway' });
      const { parameters } = server.seen.find(({ path }) => path === '/token') ?? {};
      expect(parameters).toMatchObject({
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
      chmodSync(key, 0o644);
      const before = asked(server);
      expect(await opened(form).credentials.obtain(OWN)).toMatchObject({
        error: { why: expect.stringContaining('others can use it') },
      });
      expect(asked(server)).toBe(before);
    },
  );
});

describe('an identity assertion', () => {
  const started = async (subject?: string) => {
    const provider = await issuerWith();
    const server = await issuerWith({
      clients: [clientOf('gateway-there', JWT_BEARER)],
      trusts: { [provider.issuer]: provider.publicJwk },
    });
    const at = { issuer: server.issuer, client: { id: 'gateway-there', secret: 'env://GATEWAY_SECRET' } };
    const form = {
      kind: 'id_jag',
      issuer: provider.issuer,
      audience: server.issuer,
      resource: CRM,
      client: CLIENT,
      subject,
      at,
      introspection: false,
    } as const;
    return { provider, server, form };
  };

  test('takes a grant of the caller’s provider to the issuer of the server, and the caller’s token to the provider alone', async () => {
    const { provider, server, form } = await started();
    const wanted = await wantedOf(provider, {}, {});
    expect(await claimsOf(form, wanted)).toMatchObject({
      iss: server.issuer,
      sub: 'local-ada',
      aud: CRM,
      scope: 'cases:read',
    });
    const [first] = provider.seen.filter(({ path }) => path === '/token');
    expect(first?.parameters).toMatchObject({ grant_type: TOKEN_EXCHANGE, audience: server.issuer, resource: CRM });
    expect(first?.parameters['requested_token_type']).toBe('urn:ietf:params:oauth:token-type:id-jag');
    expect(JSON.stringify(server.seen)).not.toContain(wanted.subjectToken?.reveal());
    const idToken = await provider.token({ sub: 'ada' }, { typ: 'JWT' });
    await claimsOf(form, { ...wanted, subjectToken: new Secret(idToken) });
    const types = provider.seen.flatMap(({ path, parameters }) =>
      path === '/token' ? [parameters['subject_token_type']] : [],
    );
    expect(types).toEqual(['access_token', 'id_token'].map((one) => `urn:ietf:params:oauth:token-type:${one}`));
  });

  test.each([
    ['of another subject', { sub: 'eve' }, {}, 'it is of another subject (sub)'],
    ['for another issuer', { aud: 'https://evil.example' }, {}, 'it is for others (aud)'],
    ['for another server', { resource: 'https://evil.example' }, {}, 'it is for another (resource)'],
    ['for another client', { client_id: 'another' }, {}, 'it is for another (client_id)'],
    ['that may more', { scope: 'cases:read admin' }, {}, 'it may more than was asked (scope)'],
    ['of another kind', {}, { typ: 'at+jwt' }, 'it is a token of another kind (typ)'],
  ])('hands no grant in %s', async (_name, claims, header, why) => {
    const { provider, server, form } = await started();
    provider.misbehave(({ path }) =>
      path !== '/token'
        ? undefined
        : {
            rewrite: async (body) => {
              const said = { ...decodeJwt(String(body['access_token'])), ...claims };
              const grant = new SignJWT(said).setProtectedHeader({
                alg: 'ES256',
                kid: 'login 1',
                typ: 'oauth-id-jag+jwt',
                ...header,
              });
              return { ...body, scope: undefined, access_token: await grant.sign(provider.privateKey) };
            },
          },
    );
    expect(await opened(form).credentials.obtain(await wantedOf(provider))).toEqual({
      ok: false,
      error: { kind: 'failed', why: `the grant of ${provider.issuer} is not used: ${why}` },
    });
    expect(asked(server)).toBe(0);
  });

  describe('of the user of this machine, whose token is written down', () => {
    const LOCAL = {
      ...OWN,
      session: 's_one',
      principal: { ...OWN.principal, subject: 'agent-of:ada' },
      scopes: ['cases:read'],
    };
    const opening = async (claims: Readonly<Record<string, unknown>> = {}) => {
      const { provider, server, form } = await started('env://ID_TOKEN');
      const token = await provider.token({ aud: 'gateway', ...claims }, { typ: undefined });
      const { credentials } = opened(form, { environment: { ID_TOKEN: token } });
      return { provider, server, token, credentials };
    };

    test('is for the callers of this machine, who bring no token of their own', async () => {
      const { provider, server, token, credentials } = await opening();
      const obtained = await credentials.obtain(LOCAL);
      if (!obtained.ok) throw new Error(JSON.stringify(obtained.error));
      const issued = obtained.value?.value.reveal().replace(/^Bearer /, '') ?? '';
      expect(decodeJwt(issued)).toMatchObject({ iss: server.issuer, sub: 'local-ada', aud: CRM, scope: 'cases:read' });
      const [first] = provider.seen.filter(({ path }) => path === '/token');
      expect(first?.parameters).toMatchObject({
        subject_token: token,
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      });
      expect(JSON.stringify(server.seen)).not.toContain(token);
    });

    test('is for nobody who comes from elsewhere: no caller acts in the name of whoever runs the gateway', async () => {
      const { provider, server, credentials } = await opening();
      expect(await credentials.obtain(await wantedOf(provider))).toEqual({
        ok: false,
        error: {
          kind: 'failed',
          why: `the caller is of ${provider.issuer}, and the token of "subject" is for callers of this machine alone`,
        },
      });
      expect([asked(provider), asked(server)]).toEqual([0, 0]);
    });

    test('is not used where it names nobody', async () => {
      const { provider, credentials } = await opening({ sub: undefined });
      expect(await credentials.obtain(LOCAL)).toMatchObject({
        error: { why: 'what env://ID_TOKEN stands for is no token of a subject' },
      });
      expect(asked(provider)).toBe(0);
    });
  });

  test('is refused as an access token: a grant is none', async () => {
    const { provider, server, form } = await started();
    provider.misbehave(({ path }) =>
      path === '/token' ? { rewrite: (body) => ({ ...body, token_type: 'Bearer' }) } : undefined,
    );
    expect(await opened(form).credentials.obtain(await wantedOf(provider))).toMatchObject({
      error: { why: expect.stringContaining('(token_type)') },
    });
    expect(asked(server)).toBe(0);
  });
});

describe('a stored secret', () => {
  const form = (more: object = {}): CredentialForm => ({
    kind: 'header',
    header: 'x-api-key',
    secret: 'env://KEPT',
    prefix: '',
    ...more,
  });

  test('stands in its header, with what belongs before it', async () => {
    const obtained = await opened(form({ prefix: 'Key ' })).credentials.obtain(OWN);
    expect(obtained).toMatchObject({ ok: true, value: { header: 'x-api-key', expiresAt: undefined } });
    expect(obtained.ok && obtained.value?.value.reveal()).toBe('Key kept-key');
    expect(JSON.stringify(obtained)).not.toContain('kept-key');
  });

  test('that is not there, or would break the header, is told by where it is', async () => {
    expect(await opened(form({ secret: 'env://NONE' })).credentials.obtain(OWN)).toMatchObject({
      error: { why: 'the environment variable NONE is not set' },
    });
    expect(await opened(form({ prefix: 'a\r\nhost: ' })).credentials.obtain(OWN)).toMatchObject({
      error: { why: 'what env://KEPT stands for cannot stand in a header' },
    });
  });
});
