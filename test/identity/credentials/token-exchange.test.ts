/** Token exchange at a real authorization server, and one that lies. Each refusal is a danger. */
import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Credential } from '../../../src/domain/credential.ts';
import type { AuthorizationServer, Misbehaviour } from '../../support/authorization-server.ts';
import {
  asked,
  CRM,
  clientOf,
  exchangeAt,
  issuerWith,
  opened,
  principalOf,
  SECRET,
  TOKEN_EXCHANGE,
  wantedOf,
} from './opened.ts';

const claimsIn = (credential: Credential | undefined) =>
  decodeJwt(credential?.value.reveal().replace(/^Bearer /, '') ?? '');

/** Has it answer the token endpoint as it would, but for this. */
const lying = (server: AuthorizationServer, how: Misbehaviour): void =>
  server.misbehave(({ path }) => (path === '/token' ? how : undefined));

/** Has it sign a token that says this instead. */
const saying = (server: AuthorizationServer, claims: object, header: object = {}, drop: readonly string[] = []): void =>
  lying(server, {
    rewrite: async (body) => {
      const said: Record<string, unknown> = { ...decodeJwt(String(body['access_token'])), ...claims };
      for (const name of drop) delete said[name];
      const token = new SignJWT(said).setProtectedHeader({ alg: 'ES256', kid: 'login 1', typ: 'at+jwt', ...header });
      const { scope: _scope, expires_in: _lives, ...rest } = body;
      return { ...rest, access_token: await token.sign(server.privateKey) };
    },
  });

/** Why ada gets none. */
async function refusedFor(
  server: AuthorizationServer,
  form = exchangeAt(server.issuer),
  within?: number,
): Promise<string> {
  const { credentials, reports } = opened(form, within === undefined ? {} : { within });
  const obtained = await credentials.obtain(await wantedOf(server));
  if (obtained.ok) throw new Error('there was one');
  if (obtained.error.kind !== 'failed') throw new Error('nobody has to log in');
  expect(reports).toEqual([`crm: no credential: ${obtained.error.why}`]);
  return obtained.error.why;
}

test('the caller’s token becomes one that names the caller, us as who acts, the server, and the scopes of the tool', async () => {
  const server = await issuerWith();
  const { credentials } = opened(exchangeAt(server.issuer));
  const obtained = await credentials.obtain(await wantedOf(server));
  expect(obtained).toMatchObject({
    ok: true,
    value: { header: 'authorization', audience: CRM, scopes: ['cases:read'] },
  });
  const claims = claimsIn(obtained.ok ? obtained.value : undefined);
  expect(claims).toMatchObject({ sub: 'ada', act: { sub: 'gateway' }, aud: CRM, scope: 'cases:read' });
  const request = server.seen.find(({ path }) => path === '/token');
  expect(request?.parameters).toMatchObject({ grant_type: TOKEN_EXCHANGE, audience: CRM, scope: 'cases:read' });
  expect(request?.parameters['actor_token']).toBeUndefined();
  expect(JSON.stringify(obtained)).not.toContain('eyJ');
});

test('a token that says who acts goes along where one is configured, and then it is who acts', async () => {
  const server = await issuerWith();
  const form = exchangeAt(server.issuer, { resource: CRM, actor: 'env://KEPT' });
  expect(await refusedFor(server, form)).toBe('the token that says who acts is no JWT with a subject');
  expect(asked(server)).toBe(0);
});

describe('what comes back is of no use where', () => {
  test.each([
    ['it may more than was asked', { scope: 'cases:read admin' }, [], 'it may more than was asked (scope)'],
    ['it may more, in another claim', { scp: ['admin'] }, [], 'it may more than was asked (scope)'],
    ['it is for another server', { aud: 'https://evil.example' }, [], 'it is for others (aud)'],
    ['it is for another server as well', { aud: [CRM, 'https://evil.example'] }, [], 'it is for others (aud)'],
    ['it is for nobody', {}, ['aud'], 'it is for nobody (aud)'],
    ['nobody acts', {}, ['act'], 'it does not say who acts (act)'],
    ['another acts', { act: { sub: 'another' } }, [], 'another acts by it (act)'],
    [
      'one of our name at another issuer acts',
      { act: { sub: 'gateway', iss: 'https://evil.example' } },
      [],
      'another acts by it (act)',
    ],
    ['it is of another subject', { sub: 'eve' }, [], 'it is of another subject (sub)'],
    ['it is of nobody', {}, ['sub'], 'it is of another subject (sub)'],
    [
      'it is of another issuer',
      { iss: 'https://evil.example' },
      [],
      'it is not valid (ERR_JWT_CLAIM_VALIDATION_FAILED)',
    ],
    ['it has expired', { exp: 1_000 }, [], 'it is not valid (ERR_JWT_EXPIRED)'],
    ['it never expires', {}, ['exp'], 'it does not say when it expires (exp, expires_in)'],
  ])('%s', async (_name, claims, drop, why) => {
    const server = await issuerWith();
    saying(server, claims, {}, drop);
    expect(await refusedFor(server)).toBe(`what ${server.issuer} issued is not used: ${why}`);
  });

  test('it is a token of another kind, or signed by another key', async () => {
    const server = await issuerWith();
    saying(server, {}, { typ: 'logout+jwt' });
    expect(await refusedFor(server)).toContain('it is a token of another kind (typ)');
    const other = await issuerWith();
    lying(server, { rewrite: async (body) => ({ ...body, access_token: await other.token({ iss: server.issuer }) }) });
    expect(await refusedFor(server)).toContain('it is not valid (ERR_JWS_SIGNATURE_VERIFICATION_FAILED)');
  });

  test.each([
    ['the answer grants more than the token', { scope: 'cases:read admin' }, 'it may more than was asked (scope)'],
    ['it is no bearer token', { token_type: 'N_A' }, 'it is no bearer token (token_type)'],
    [
      'it is no access token',
      { issued_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
      'it is no access token (issued_token_type)',
    ],
    ['it would break the header', { access_token: 'a b' }, 'it cannot stand in a header'],
    ['it is opaque', { access_token: 'opaque' }, 'it is opaque, and "introspection: true" is not said'],
  ])('%s', async (_name, instead, why) => {
    const server = await issuerWith();
    lying(server, { rewrite: (body) => ({ ...body, ...instead }) });
    expect(await refusedFor(server)).toBe(`what ${server.issuer} issued is not used: ${why}`);
  });
});

test('an opaque token is looked into at its issuer where that is said, and judged alike', async () => {
  const server = await issuerWith({ resources: { [CRM]: { scopes: ['cases:read'], format: 'opaque' } } });
  const form = exchangeAt(server.issuer, { introspection: true });
  const told = { active: true, sub: 'ada', aud: CRM, act: { sub: 'gateway' }, scope: 'cases:read', exp: 4_000_000_000 };
  const introspected = (body: object): void =>
    server.misbehave(({ path }) => (path === '/token/introspection' ? { rewrite: () => body } : undefined));
  introspected(told);
  expect(await opened(form).credentials.obtain(await wantedOf(server))).toMatchObject({ ok: true });
  introspected({ active: false });
  expect(await refusedFor(server, form)).toContain('its own issuer calls it inactive');
  introspected({ ...told, act: undefined });
  expect(await refusedFor(server, form)).toContain('it does not say who acts (act)');
});

describe('no token is sent', () => {
  test('of a caller of another issuer, of one who brought none, or of one for whom another may act', async () => {
    const server = await issuerWith();
    const other = await issuerWith();
    const { credentials } = opened(exchangeAt(server.issuer));
    const foreign = { ...(await wantedOf(other)), principal: principalOf(other, 'ada') };
    expect(await credentials.obtain(foreign)).toMatchObject({
      error: { why: expect.stringContaining('alone are known') },
    });
    expect(await credentials.obtain(await wantedOf(server, { subjectToken: undefined }))).toMatchObject({
      error: { why: 'the caller brought no token that could be exchanged' },
    });
    for (const mayAct of [{ sub: 'another' }, { sub: 'gateway', iss: 'https://evil.example' }, 'gateway'])
      expect(await credentials.obtain(await wantedOf(server, {}, { may_act: mayAct }))).toMatchObject({
        error: { why: expect.stringContaining('may_act') },
      });
    expect([asked(server), asked(other)]).toEqual([0, 0]);
    expect(await credentials.obtain(await wantedOf(server, {}, { may_act: { sub: 'gateway' } }))).toMatchObject({
      ok: true,
    });
  });

  test('where the issuer calls itself by another name, or names an endpoint that others can read', async () => {
    const server = await issuerWith();
    const metadata = (more: object) =>
      server.misbehave(({ path }) =>
        path.includes('well-known') ? { rewrite: (body) => ({ ...body, ...more }) } : undefined,
      );
    metadata({ issuer: 'https://evil.example' });
    expect(await refusedFor(server)).toBe(`${server.issuer} calls itself by another name in its metadata (issuer)`);
    metadata({ issuer: `${server.issuer}/` });
    expect(await refusedFor(server)).toContain('calls itself by another name');
    metadata({ token_endpoint: 'http://evil.example/token' });
    expect(await refusedFor(server)).toBe(`${server.issuer} names a place without TLS (token_endpoint)`);
    metadata({ token_endpoint: undefined });
    expect(await refusedFor(server)).toBe(`${server.issuer} has no token endpoint`);
    expect(asked(server)).toBe(0);
  });
});

describe('an authorization server that', () => {
  test('is slow is given up', async () => {
    const server = await issuerWith();
    const { promise, resolve } = Promise.withResolvers<void>();
    lying(server, { after: promise });
    expect(await refusedFor(server, undefined, 300)).toBe(`${server.issuer} did not answer in time`);
    resolve();
  });

  test('is down, or answers what is no answer, is told as such', async () => {
    const server = await issuerWith();
    lying(server, { instead: { status: 503, body: 'canary of an error page' } });
    expect(await refusedFor(server)).toBe(
      `${server.issuer} gave an answer that cannot be used (OAUTH_RESPONSE_IS_NOT_CONFORM)`,
    );
    lying(server, { instead: { status: 400, body: { error: 'Canary, and more', error_description: 'canary' } } });
    expect(await refusedFor(server)).toBe(`${server.issuer} refused it (HTTP 400)`);
    await server.close();
    expect(await refusedFor(server)).toBe(
      `its metadata cannot be found: ${server.issuer} cannot be reached: ECONNREFUSED`,
    );
  });

  test('sends us elsewhere is not followed', async () => {
    const server = await issuerWith();
    const elsewhere = await issuerWith();
    lying(server, { instead: { status: 307, body: '' }, redirect: `${elsewhere.issuer}/token` } as Misbehaviour);
    expect(await refusedFor(server)).toContain('cannot be used');
    expect(elsewhere.seen).toEqual([]);
  });

  test('does not know us by our secret is told as such', async () => {
    const server = await issuerWith({
      clients: [{ ...clientOf('gateway', TOKEN_EXCHANGE), client_secret: `${SECRET} of another` }],
    });
    expect(await refusedFor(server)).toBe(`${server.issuer} does not take this gateway for its client (HTTP 401)`);
  });
});
