/** What comes to the front door with no token, or with one that is not sound: each line is a danger. */
import { createHmac } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import {
  type AuthorizationServer,
  type Misbehaviour,
  startAuthorizationServer,
} from '../support/authorization-server.ts';
import { until } from '../support/downstream.ts';
import { AUDIENCE, type FrontDoor, METADATA, openFrontDoor, PUBLIC, request } from '../support/front-door.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import type { RecordingServer } from '../support/recording-server.ts';
import { rawRequest, sendRaw } from '../upstream/raw-http.ts';

let door: FrontDoor;
let login: AuthorizationServer;
let other: AuthorizationServer;
let gateway: RunningGateway;
let server: RecordingServer;
beforeAll(async () => {
  door = await openFrontDoor();
  ({ login, other, gateway, server } = door);
}, 60_000);
afterAll(() => door.close());

const call = (token: string | undefined, message = request()) => door.call(token, message);
const seconds = (): number => Math.floor(Date.now() / 1000);

const told = (why: string): Promise<unknown> =>
  Promise.all([
    until(() => gateway.reports.includes(`a token was refused: ${why}`)),
    door.sink.arrival(({ name, status, message }) => name === 'authenticate' && status === 'ERROR' && message === why),
  ]);

test('a sound token is let in', async () => {
  expect(textOf(await call(await login.token({ aud: AUDIENCE })))).toBe('ok');
});

const unknown = (): string => 'it is of no issuer of gateway.yaml (iss)';
const NOT_ES256 = (): string => 'its algorithm is none of ES256';

describe('a token is refused without a word why, and the operator is told in one line and one span,', () => {
  const forged = async (alg: string, header: JsonObject = {}): Promise<string> => {
    const { privateKey } = await generateKeyPair(alg);
    const claims = { iss: login.issuer, aud: AUDIENCE, sub: 'ada', client_id: 'desk', exp: seconds() + 60 };
    return new SignJWT(claims).setProtectedHeader({ alg, kid: 'login 1', typ: 'at+jwt', ...header }).sign(privateKey);
  };
  const unsigned = (): string =>
    new UnsecuredJWT({ iss: login.issuer, aud: AUDIENCE, sub: 'ada', client_id: 'desk' })
      .setExpirationTime(seconds() + 60)
      .encode();
  /** The claims are sound; the public key, which everybody has, is taken for a shared secret. */
  const confused = async (): Promise<string> => {
    const [, claims] = (await login.token({ aud: AUDIENCE })).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: 'login 1', typ: 'at+jwt' })).toString('base64url');
    const key = (await importJWK(login.publicJwk, 'ES256')) as Parameters<typeof exportSPKI>[0];
    const signature = createHmac('sha256', await exportSPKI(key))
      .update(`${header}.${claims}`)
      .digest('base64url');
    return `${header}.${claims}.${signature}`;
  };
  const sound = { aud: AUDIENCE };

  test.each<[string, () => string | Promise<string>, () => string]>([
    ['for another audience', () => login.token({ aud: `${PUBLIC}/other` }), () => `it is not for ${AUDIENCE} (aud)`],
    ['of an issuer that nobody named', () => login.token({ ...sound, iss: 'https://evil.example' }), unknown],
    [
      'of one issuer in the name of the other',
      () => other.token({ ...sound, iss: login.issuer }),
      () => 'its signature is wrong',
    ],
    [
      'of one issuer for the audience of the other',
      () => other.token(sound),
      () => `it is not for ${PUBLIC}/other (aud)`,
    ],
    ['with an algorithm that its issuer does not use', () => forged('ES384'), NOT_ES256],
    ['with no signature', unsigned, NOT_ES256],
    ['with the public key for a secret', confused, NOT_ES256],
    [
      'with a key of somebody else',
      () => forged('ES256', { kid: 'mine' }),
      () => 'no key of the issuer is of its kid and algorithm',
    ],
    ['that has expired', () => login.token({ ...sound, exp: seconds() - 60 }), () => 'it has expired (exp)'],
    ['that is not valid yet', () => login.token({ ...sound, nbf: seconds() + 60 }), () => 'it is not valid yet (nbf)'],
    ['of a logout', () => login.token(sound, { typ: 'logout+jwt' }), () => 'its typ is neither JWT nor at+jwt'],
    [
      'that is an ID-JAG',
      () => login.token(sound, { typ: 'oauth-id-jag+jwt' }),
      () => 'its typ is neither JWT nor at+jwt',
    ],
    [
      'that is an ID token',
      () => login.token({ ...sound, at_hash: 'x' }, { typ: 'JWT' }),
      () => 'it is no access token (at_hash)',
    ],
    [
      'that nobody can be asked about',
      () => 'opaque',
      () => `${other.issuer} cannot be asked about it: the environment variable NONE_SUCH is not set`,
    ],
  ])('%s', async (_name, token, why) => {
    const before = server.calls().length;
    const { status, headers, last } = await call(await token());
    expect([status, last.error?.['code'], headers.get('www-authenticate')]).toEqual([
      401,
      401,
      `Bearer realm="tollgate", error="invalid_token", scope="crm:read crm:write notes:read prompts:use", resource_metadata="${METADATA}/mcp"`,
    ]);
    expect(JSON.stringify(last)).not.toContain(why());
    await told(why());
    expect(server.calls()).toHaveLength(before);
  });

  test('while the keys of its issuer cannot be had, or are a lie', async () => {
    const late = await startAuthorizationServer({ resources: {} });
    const own = temporaryFolder();
    const lines: string[] = [];
    try {
      const deployment = `version: 1\nidentity: { issuers: [{ url: "${late.issuer}", audience: "${AUDIENCE}" }] }\n`;
      writeFileSync(join(own, 'gateway.yaml'), deployment);
      const policy = `version: 1\nprofile: late\nwho: [{ issuer: "${late.issuer}" }]\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: {} }\n`;
      const misbehaviours: readonly Misbehaviour[] = [
        { instead: { status: 503, body: 'down' } },
        { rewrite: (body) => ({ ...body, issuer: 'https://evil.example' }) },
      ];
      for (const how of misbehaviours) {
        late.misbehave(() => how);
        const one = await startGateway(policy, { folder: own, words: ['--config', join(own, 'gateway.yaml')] });
        try {
          expect(
            (await post({ url: one.url, token: await late.token(sound) }, legacyCall('rough__rough', {}))).status,
          ).toBe(401);
          await until(() => one.reports.length > 0);
          lines.push(...one.reports);
        } finally {
          await one.kill();
        }
      }
    } finally {
      await late.close();
      rmSync(own, { recursive: true, force: true });
    }
    const at = `${late.issuer}/.well-known`;
    const unhad = `a token was refused: the keys of ${late.issuer} cannot be had:`;
    expect(lines).toContain(`${unhad} ${at}/openid-configuration answered 503`);
    expect(lines).toContain(`${unhad} ${at}/oauth-authorization-server is the metadata of another issuer`);
  });
});

describe('a token is refused unread', () => {
  const raw = async (target: string, lines: readonly string[] = []) => {
    const body = JSON.stringify(legacyCall('rough__rough', { do: 'echo' }));
    const token = await login.token({ aud: AUDIENCE });
    return sendRaw(gateway.port, rawRequest(gateway.port, token, { target, lines, body }));
  };

  test.each(['/mcp', '/mcp/s_1/events', '/api/sessions'])('in the URL: %s', async (path) => {
    const { status, body } = await raw(`${path}?access_token=abc`);
    expect([status, body]).toEqual([
      400,
      expect.stringContaining('it stands in the URL, and not in Authorization: Bearer'),
    ]);
    await told('it stands in the URL, and not in Authorization: Bearer');
  });

  test('beside another', async () => {
    const { status } = await raw('/mcp', ['Authorization: Bearer abc']);
    expect(status).toBe(400);
    await told('there are two Authorization headers');
  });
});

test('a token that opens the tools does not open the API, and one with both audiences neither', async () => {
  const api = gateway.url.replace(/mcp$/, 'api/sessions');
  const status = async (aud: unknown) => {
    const headers = { authorization: `Bearer ${await login.token({ aud })}` };
    return (await fetch(api, { headers })).status;
  };
  expect([await status(AUDIENCE), await status(`${PUBLIC}/api`), await status([AUDIENCE, `${PUBLIC}/api`])]).toEqual([
    401, 200, 401,
  ]);
});

test('the public name is a name of ours, and no other is', async () => {
  const body = JSON.stringify(legacyCall('rough__rough', { do: 'echo' }));
  const token = await login.token({ aud: AUDIENCE });
  const status = async (headers: Record<string, string>) =>
    (await sendRaw(gateway.port, rawRequest(gateway.port, token, { headers, body }))).status;
  expect(await status({ host: 'tools.example.com' })).toBe(200);
  expect(await status({ host: 'Tools.Example.com', origin: PUBLIC })).toBe(200);
  expect(await status({ host: 'tools.example.com', origin: 'https://evil.example' })).toBe(403);
  expect(await status({ host: 'tools.example.com.evil.example' })).toBe(421);
});

test('strangers and a public URL do not go together', async () => {
  const { code, stderr } = await gateway.command(
    ...['serve', '--policy', gateway.policy, '--config', door.deployment, '--anonymous', '--port', '0'],
  );
  expect([code, stderr]).toEqual([78, `tollgate: --anonymous would let in whoever finds ${PUBLIC}\n`]);
});
