import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { exportSPKI, importJWK, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALGORITHMS } from '../../src/document/issuers-shape.ts';
import { readIssuerKeys } from '../../src/identity/issuer-keys.ts';
import { givenKeys } from '../../src/identity/issuers/key-source.ts';
import { verifyJwt } from '../../src/identity/issuers/verify-jwt.ts';
import type { ClaimsReading } from '../../src/identity/token-claims.ts';
import { tokenVerifier, type VerifyToken } from '../../src/identity/token-verifier.ts';
import { temporaryFolder } from '../support/gateway.ts';
import { AUDIENCE, type Claims, ISSUER, openIssuer, type TestIssuer } from '../support/issuer.ts';

const folder = temporaryFolder();
const elsewhere = temporaryFolder();
afterAll(() => {
  for (const one of [folder, elsewhere]) rmSync(one, { recursive: true, force: true });
});

/** In seconds and in milliseconds. */
const AT = 1_800_000_000;
let clock = AT * 1000;

const NOTHING_NAMED: ReadonlySet<string> = new Set();
const NO_CLAIMS = new Map();

let issuer: TestIssuer;
let verify: VerifyToken;

function verifierOf(of: TestIssuer, reading: Partial<ClaimsReading> = {}, audience = AUDIENCE): VerifyToken {
  const keys = readIssuerKeys(of.file);
  if (!keys.ok) throw new Error(keys.error);
  const now = () => clock;
  const named = () => NOTHING_NAMED;
  const issuer = { url: ISSUER, tenant: 'org', named, ...reading };
  const verify = verifyJwt({ issuer, keys: givenKeys(keys.value), audience, now, algorithms: ALGORITHMS });
  return tokenVerifier({ issuers: new Map([[ISSUER, verify]]), opaque: undefined, named: issuer.named, now });
}

beforeAll(async () => {
  issuer = await openIssuer(folder, 'ES256', () => AT * 1000);
  verify = verifierOf(issuer);
});

const refused = (reason: string) => ({ ok: false, error: reason });
const PRINCIPAL = { issuer: ISSUER, subject: 'ada', client: 'desk', actors: [], tenant: 'acme' };

describe('a token that is sound in all names its caller', () => {
  test('principal, groups, scopes and session', async () => {
    const token = await issuer.token({ groups: ['support', 'leads'], scope: 'sessions:create  tools', sid: 's_1' });
    expect(await verify(token)).toEqual({
      ok: true,
      value: {
        principal: PRINCIPAL,
        groups: ['support', 'leads'],
        tokenClaims: NO_CLAIMS,
        scopes: ['sessions:create', 'tools'],
        sid: 's_1',
      },
    });
  });

  test('of what it does not say there is nothing', async () => {
    const value = { principal: PRINCIPAL, groups: [], tokenClaims: NO_CLAIMS, scopes: [], sid: undefined };
    expect(await verify(await issuer.token())).toEqual({ ok: true, value });
  });

  test.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('signed with %s', async (alg) => {
    const other = await openIssuer(elsewhere, alg, () => AT * 1000);
    expect(await verifierOf(other)(await other.token())).toMatchObject({ ok: true });
  });

  test.each<[string, Claims]>([
    ['an audience among others', { aud: ['https://other.example.com', AUDIENCE] }],
    ['a client by its other name', { client_id: undefined, azp: 'desk' }],
    ['a client by both names: the registered one counts', { azp: 'other' }],
    ['a clock 30 seconds off', { iat: AT + 30, nbf: AT + 30, exp: AT - 29 }],
  ])('%s', async (_name, claims) => {
    expect(await verify(await issuer.token(claims))).toMatchObject({ ok: true, value: { principal: PRINCIPAL } });
  });

  test.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt'])('of the type %s', async (typ) => {
    expect(await verify(await issuer.token({}, { typ }))).toMatchObject({ ok: true });
  });

  test('those who act for the subject, the nearest first, each with an issuer', async () => {
    const act = { sub: 'gateway', act: { sub: 'agent', iss: 'https://agents.example.com' } };
    expect(await verify(await issuer.token({ act }))).toMatchObject({
      value: { principal: { ...PRINCIPAL, actors: [`${ISSUER}:gateway`, 'https://agents.example.com:agent'] } },
    });
  });

  test('where no claim names the tenant, all of the issuer are one', async () => {
    const one = verifierOf(issuer, { tenant: undefined });
    expect(await one(await issuer.token())).toMatchObject({ value: { principal: { tenant: ISSUER } } });
  });
});

describe('a token is refused', () => {
  const chain = (length: number): object => (length === 1 ? { sub: 'a' } : { sub: 'a', act: chain(length - 1) });

  test.each<[string, Claims, string]>([
    ['of another issuer', { iss: `${ISSUER}/` }, 'it is of no issuer of gateway.yaml (iss)'],
    ['of no issuer', { iss: undefined }, 'it is of no issuer of gateway.yaml (iss)'],
    ['of an issuer in a list', { iss: [ISSUER] }, 'it is of no issuer of gateway.yaml (iss)'],
    ['for another audience', { aud: `${AUDIENCE}/api` }, `it is not for ${AUDIENCE} (aud)`],
    ['for other audiences', { aud: [ISSUER] }, `it is not for ${AUDIENCE} (aud)`],
    ['for no audience', { aud: undefined }, `it is not for ${AUDIENCE} (aud)`],
    ['that has expired', { exp: AT - 30 }, 'it has expired (exp)'],
    ['that never expires', { exp: undefined }, 'its claim exp is missing or malformed'],
    ['that is not valid yet', { nbf: AT + 31 }, 'it is not valid yet (nbf)'],
    ['issued in the future', { iat: AT + 31 }, 'it was issued in the future (iat)'],
    ['of nobody', { sub: undefined }, 'its claim sub is missing or malformed'],
    ['of no client', { client_id: undefined }, 'it names no client (client_id or azp)'],
    ['of an empty client', { client_id: '', azp: 'desk' }, 'its claim client_id is missing or malformed'],
    ['of no tenant', { org: undefined }, 'its claim org (the tenant) is missing or malformed'],
    ['of a tenant that is no text', { org: ['acme'] }, 'its claim org (the tenant) is missing or malformed'],
    ['of an empty tenant', { org: '' }, 'its claim org (the tenant) is missing or malformed'],
    ['whose groups are no list', { groups: 'support' }, 'its claim groups is missing or malformed'],
    ['whose groups are no texts', { groups: [1] }, 'its claim groups is missing or malformed'],
    ['whose scope is a list', { scope: ['tools'] }, 'its claim scope is missing or malformed'],
    ['whose session is no text', { sid: 5 }, 'its claim sid is missing or malformed'],
    ['whose session is empty', { sid: '' }, 'its claim sid is missing or malformed'],
    ['whose actor is a text', { act: 'gateway' }, 'its claim act is malformed'],
    ['whose actor is null', { act: null }, 'its claim act is malformed'],
    ['whose actor has no name', { act: { iss: ISSUER } }, 'its claim act is malformed'],
    ['whose inner actor is malformed', { act: { sub: 'a', act: { sub: 5 } } }, 'its claim act is malformed'],
    ['whose actor has an issuer that is no text', { act: { sub: 'a', iss: 5 } }, 'its claim act is malformed'],
    ['of more than 8 actors', { act: chain(9) }, 'its claim act is longer than 8 actors'],
  ])('%s', async (_name, claims, reason) => {
    expect(await verify(await issuer.token(claims))).toEqual(refused(reason));
  });

  test.each(['dpop+jwt', 'logout+jwt', 'oauth-id-jag+jwt', undefined])('of the type %s', async (typ) => {
    expect(await verify(await issuer.token({}, { typ }))).toEqual(refused('its typ is neither JWT nor at+jwt'));
  });

  test.each(['at_hash', 'c_hash', 'events'])('of another kind, as its claim %s says', async (claim) => {
    expect(await verify(await issuer.token({ [claim]: 'x' }))).toEqual(refused(`it is no access token (${claim})`));
  });

  test('that names a key which the issuer does not have', async () => {
    const reason = 'no key of the issuer is of its kid and algorithm';
    expect(await verify(await issuer.token({}, { kid: 'other' }))).toEqual(refused(reason));
  });

  test('signed by somebody else under the name of the key', async () => {
    const eve = await openIssuer(elsewhere, 'ES256', () => AT * 1000);
    expect(await verify(await eve.token())).toEqual(refused('its signature is wrong'));
  });

  test('whose claims were changed after it was signed', async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const [, claims] = (await issuer.token({ sub: 'root' })).split('.');
    expect(await verify([header, claims, signature].join('.'))).toEqual(refused('its signature is wrong'));
  });

  const ALGORITHM = 'its algorithm is none of RS256, PS256, ES256, ES384, EdDSA';

  test('that nobody signed', async () => {
    const unsigned = new UnsecuredJWT({ iss: ISSUER, aud: AUDIENCE, sub: 'ada', client_id: 'desk', org: 'acme' })
      .setExpirationTime(AT + 60)
      .encode();
    expect(await verify(unsigned)).toEqual(refused(ALGORITHM));
  });

  test('signed with the public key as if it were a secret', async () => {
    const [, claims] = (await issuer.token()).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: issuer.publicJwk.kid, typ: 'JWT' }));
    const signed = `${header.toString('base64url')}.${claims}`;
    const spki = await exportSPKI((await importJWK(issuer.publicJwk, 'ES256')) as Parameters<typeof exportSPKI>[0]);
    for (const secret of [spki, JSON.stringify(issuer.publicJwk)]) {
      const signature = createHmac('sha256', secret).update(signed).digest('base64url');
      expect(await verify(`${signed}.${signature}`)).toEqual(refused(ALGORITHM));
    }
  });

  test('that is longer than any should be', async () => {
    const long = await issuer.token({ groups: ['x'.repeat(8 * 1024)] });
    expect(await verify(long)).toEqual(refused('it is longer than 8 KiB'));
  });

  test.each(['.', '..', 'a.b.c', 'e30.e30.', 'x.y.z.u.v'])('that is none: %s', async (text) => {
    expect(await verify(text)).toMatchObject({ ok: false });
  });
});

describe('a token that was verified', () => {
  test('is not verified again, until it expires', async () => {
    const token = await issuer.token({ exp: AT + 10 });
    const first = await verify(token);
    expect(verify(token)).toEqual(first);
    clock = (AT + 10 + 30) * 1000 - 1;
    expect(verify(token)).toEqual(first);
    clock += 1;
    expect(await verify(token)).toEqual(refused('it has expired (exp)'));
    clock = AT * 1000;
    expect(verify(token)).toBeInstanceOf(Promise);
  });

  test('opens no other door: its audience is that of one', async () => {
    const token = await issuer.token();
    expect(await verify(token)).toMatchObject({ ok: true });
    const api = verifierOf(issuer, {}, `${AUDIENCE}/api`);
    expect(await api(token)).toEqual(refused(`it is not for ${AUDIENCE}/api (aud)`));
  });

  test('says nothing of another with a changed signature', async () => {
    const token = await issuer.token();
    await verify(token);
    const other = `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    expect(await verify(other)).toEqual(refused('its signature is wrong'));
  });
});
