/** The keys that an issuer publishes, from a real authorization server that goes away, rotates and lies. */
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ALGORITHMS, type TrustedIssuer } from '../../src/document/issuers-shape.ts';
import { refuse } from '../../src/domain/result.ts';
import type { VerifyToken } from '../../src/identity/token-verifier.ts';
import { verifiersOf } from '../../src/identity/verifiers.ts';
import { openOutgoing } from '../../src/outgoing/outgoing.ts';
import {
  type AuthorizationServer,
  type Misbehaviour,
  startAuthorizationServer,
} from '../support/authorization-server.ts';

const AUDIENCE = 'https://tools.example.com/mcp';
const MINUTE = 60_000;

let server: AuthorizationServer;
let verify: VerifyToken;
let clock: number;

beforeEach(async () => {
  clock = Date.now();
  server = await startAuthorizationServer({ resources: { [AUDIENCE]: { scopes: [] } } });
  const outgoing = openOutgoing({ isWritten: () => true });
  onTestFinished(async () => {
    await outgoing.close();
    await server.close();
  });
  verify = verifierOf([trusted(server.issuer)], outgoing);
});

const trusted = (url: string): TrustedIssuer => ({
  url,
  audience: AUDIENCE,
  apiAudience: undefined,
  keys: undefined,
  introspection: undefined,
  tenant: undefined,
  algorithms: ALGORITHMS,
});

const NOTHING_NAMED: ReadonlySet<string> = new Set();

function verifierOf(issuers: readonly TrustedIssuer[], outgoing: ReturnType<typeof openOutgoing>): VerifyToken {
  const readSecret = async () => refuse('there is none');
  const verifiers = verifiersOf(issuers, { outgoing, readSecret, named: () => NOTHING_NAMED, now: () => clock });
  if (!verifiers.ok || verifiers.value.tools === undefined) throw new Error('no verifier');
  return verifiers.value.tools;
}

let tokens = 0;
/** Another token each time, so that none is remembered. It outlives all that the clock does here. */
const token = (header = {}): Promise<string> =>
  server.token({ aud: AUDIENCE, jti: `t${++tokens}`, exp: Math.floor(clock / 1000) + 36_000 }, header);

const good = { ok: true, value: { principal: { subject: 'ada' } } };
const refused = (why: string) => ({ ok: false, error: why });
const unhad = (why: string) => refused(`the keys of ${server.issuer} cannot be had: ${why}`);

const asked = (path: string): number => server.seen.filter((one) => one.path === path).length;

const KEYS = '/jwks';
const answering =
  (path: string, how: Misbehaviour) =>
  (request: { readonly path: string }): Misbehaviour | undefined =>
    request.path === path ? how : undefined;
const publish = (...keys: readonly JWK[]): void => server.misbehave(answering(KEYS, { rewrite: () => ({ keys }) }));
const DOWN = answering(KEYS, { instead: { status: 503, body: 'down' } });

async function anotherKey(kid: string) {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const at = Math.floor(clock / 1000);
  const claims = { iss: server.issuer, aud: AUDIENCE, sub: 'ada', client_id: 'desk', exp: at + 36_000 };
  const signed = new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid, typ: 'at+jwt' }).sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'ES256' }, token: await signed };
}

describe('keys are found by the issuer’s own metadata', () => {
  test('and fetched once for many tokens at once, and not again for five minutes', async () => {
    const many = await Promise.all(Array.from({ length: 8 }, () => token()));
    for (const verified of await Promise.all(many.map((one) => verify(one)))) expect(verified).toMatchObject(good);
    clock += 5 * MINUTE - 1;
    expect(await verify(await token())).toMatchObject(good);
    expect([asked('/.well-known/oauth-authorization-server'), asked(KEYS)]).toEqual([1, 1]);
    clock += 1;
    expect(await verify(await token())).toMatchObject(good);
    expect([asked('/.well-known/oauth-authorization-server'), asked(KEYS)]).toEqual([1, 2]);
  });

  test('that of OpenID Connect where there is no other', async () => {
    server.misbehave(answering('/.well-known/oauth-authorization-server', { instead: { status: 404, body: '' } }));
    expect(await verify(await token())).toMatchObject(good);
    expect(asked('/.well-known/openid-configuration')).toBe(1);
  });

  test('and never where it is that of another issuer', async () => {
    const issuer = `${server.issuer}/`;
    server.misbehave(
      answering('/.well-known/oauth-authorization-server', { rewrite: (body) => ({ ...body, issuer }) }),
    );
    const place = `${server.issuer}/.well-known/oauth-authorization-server`;
    expect(await verify(await token())).toEqual(unhad(`${place} is the metadata of another issuer`));
    expect(asked('/.well-known/openid-configuration')).toBe(0);
  });

  test('nor at a place that anybody could read on the way', async () => {
    const jwks_uri = 'http://keys.example.com/jwks';
    server.misbehave(({ path }) =>
      path.startsWith('/.well-known/') ? { rewrite: (body) => ({ ...body, jwks_uri }) } : undefined,
    );
    const place = `${server.issuer}/.well-known/openid-configuration`;
    expect(await verify(await token())).toEqual(unhad(`${place} is no metadata of an issuer`));
  });
});

describe('a key that is not among them', () => {
  test('is looked for, at most every 30 seconds', async () => {
    expect(await verify(await token())).toMatchObject(good);
    const next = await anotherKey('login 2');
    const unknown = refused('no key of the issuer is of its kid and algorithm');
    expect(await verify(next.token)).toEqual(unknown);
    publish(server.publicJwk, next.jwk);
    clock += 29_999;
    expect(await verify(next.token)).toEqual(unknown);
    expect(asked(KEYS)).toBe(1);
    clock += 1;
    expect(await verify(next.token)).toMatchObject(good);
    expect(asked(KEYS)).toBe(2);
  });
});

describe('a key that is taken back', () => {
  test('opens nothing any more, nor does what was verified with it', async () => {
    const old = await token();
    expect(await verify(old)).toMatchObject(good);
    const next = await anotherKey('login 2');
    publish(next.jwk);
    expect(verify(old)).toMatchObject(good);
    clock += 30_000;
    expect(await verify(next.token)).toMatchObject(good);
    expect(await verify(old)).toEqual(refused('no key of the issuer is of its kid and algorithm'));
  });

  test('is noticed within five minutes where nobody brings another', async () => {
    const old = await token();
    expect(await verify(old)).toMatchObject(good);
    publish((await anotherKey('login 2')).jwk);
    clock += 5 * MINUTE;
    expect(await verify(old)).toEqual(refused('no key of the issuer is of its kid and algorithm'));
  });

  test('takes along what was verified with it, though another has its name', async () => {
    const old = await token();
    expect(await verify(old)).toMatchObject(good);
    publish((await anotherKey('login 1')).jwk);
    clock += 5 * MINUTE;
    expect(await verify(old)).toEqual(refused('its signature is wrong'));
  });
});

describe('an issuer that is away', () => {
  test('lets nobody in before its keys were had, and is asked again after five seconds', async () => {
    server.misbehave(DOWN);
    expect(await verify(await token())).toEqual(unhad(`${server.issuer}/jwks answered 503`));
    server.misbehave(() => undefined);
    clock += 4_999;
    expect(await verify(await token())).toEqual(unhad(`${server.issuer}/jwks answered 503`));
    clock += 1;
    expect(await verify(await token())).toMatchObject(good);
  });

  test('is served by the keys that were had for an hour, and by nothing then', async () => {
    const known = await token();
    expect(await verify(known)).toMatchObject(good);
    server.misbehave(DOWN);
    clock += 5 * MINUTE;
    expect(await verify(await token())).toMatchObject(good);
    expect(await verify(known)).toMatchObject(good);
    expect(verify(known)).toMatchObject(good);
    clock += 55 * MINUTE - 1;
    expect(await verify(await token())).toMatchObject(good);
    clock += 1;
    const gone = unhad(`${server.issuer}/jwks answered 503`);
    expect([await verify(await token()), await verify(known)]).toEqual([gone, gone]);
  });

  test('that is nowhere at all is told as that', async () => {
    const issuer = server.issuer;
    const bearer = await token();
    await server.close();
    const { port } = new URL(issuer);
    expect(await verify(bearer)).toEqual(
      unhad(`${issuer}/.well-known/oauth-authorization-server did not answer: connect ECONNREFUSED 127.0.0.1:${port}`),
    );
  });

  test('that is slow holds nobody up for longer than five seconds', { timeout: 30_000 }, async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    server.misbehave(answering(KEYS, { after: promise }));
    expect(await verify(await token())).toEqual(unhad(`${server.issuer}/jwks did not answer: not within 5 seconds`));
    resolve();
  });
});

describe('keys are not believed', () => {
  test.each<[string, Misbehaviour, (place: string) => string]>([
    ['that are elsewhere', { instead: { status: 302, body: '' } }, (place) => `${place} answered 302`],
    [
      'that are none',
      { instead: { status: 200, body: '<html>' } },
      (place) => `${place} is no JWK Set: {"keys": [...]} with a "kty" in each key`,
    ],
    [
      'without end',
      { instead: { status: 200, body: { keys: [], more: 'x'.repeat(300_000) } } },
      (place) => `${place} answered more than 256 KiB`,
    ],
    [
      'with which anybody could sign',
      { rewrite: () => ({ keys: [{ kty: 'oct', k: 'AAAA', kid: 'login 1' }] }) },
      (place) => `key 1 of ${place} (login 1) is a symmetric key: it must hold public ones only`,
    ],
  ])('%s', async (_name, how, why) => {
    server.misbehave(answering(KEYS, how));
    expect(await verify(await token())).toEqual(unhad(why(`${server.issuer}/jwks`)));
  });
});

describe('with two issuers', () => {
  test('a token is verified for the one that it names, with no key of the other', async () => {
    const other = await startAuthorizationServer({ resources: { [AUDIENCE]: { scopes: [] } } });
    const outgoing = openOutgoing({ isWritten: () => true });
    onTestFinished(async () => {
      await outgoing.close();
      await other.close();
    });
    const own = { ...trusted(other.issuer), audience: 'https://other.example.com/mcp' };
    verify = verifierOf([trusted(server.issuer), own], outgoing);
    expect(await verify(await server.token({ aud: AUDIENCE }))).toMatchObject(good);
    expect(await verify(await other.token({ aud: own.audience }))).toMatchObject({
      value: { principal: { issuer: other.issuer, tenant: other.issuer } },
    });
    expect(await verify(await other.token({ aud: AUDIENCE, iss: server.issuer }))).toEqual(
      refused('its signature is wrong'),
    );
    expect(await verify(await other.token({ aud: AUDIENCE }))).toEqual(refused(`it is not for ${own.audience} (aud)`));
  });
});
