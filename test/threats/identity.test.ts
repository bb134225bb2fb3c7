/** Who calls, over a real gateway: tokens of an issuer, in both eras. Each test is a danger. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type Claims, ISSUER, openIssuer, type TestIssuer } from '../support/issuer.ts';
import { type Answered, legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let issuer: TestIssuer;

const policyOf = (profile: string, who: string): string =>
  `version: 1\nprofile: ${profile}\nwho: ${who}\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read } }\n`;

beforeAll(async () => {
  server = recordingServer(folder);
  issuer = await openIssuer(folder);
  const files = {
    'gateway.yaml': `version: 1\n${issuer.yaml()}`,
    'leads.yaml': policyOf('leads', of('groups: [leads]')),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const words = ['--config', join(folder, 'gateway.yaml'), '--policy', join(folder, 'leads.yaml')];
  gateway = await startGateway(policyOf('all', of('tenants: [acme, zeta]')), { folder, words });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const of = (lists: string): string => `[{ issuer: "${ISSUER}", ${lists} }]`;

type Era = 'modern' | 'legacy';
const ERAS: readonly Era[] = ['modern', 'legacy'];

let marks = 0;

/** A call of this era at this path below `/mcp`; what the server then has received says whether it was made. */
async function call(era: Era, claims: Claims, path = '', token?: string): Promise<Answered> {
  const given = { do: 'echo', mark: ++marks };
  const message =
    era === 'legacy'
      ? legacyCall('rough__rough', given)
      : modernRequest('tools/call', { name: 'rough__rough', arguments: given });
  return send(message, await tokenOr(claims, token), path);
}

const tokenOr = (claims: Claims, token: string | undefined): string | Promise<string> => token ?? issuer.token(claims);

const send = (message: JsonObject, token: string, path: string): Promise<Answered> =>
  post(
    { url: `${gateway.url}${path}`, token },
    message,
    (message['params'] as JsonObject)['_meta'] === undefined ? {} : modernHeaders(message),
  );

/** The sessions of a subject, the newest first. */
async function sessionsOf(subject: string): Promise<readonly Known[]> {
  const { stdout } = await gateway.command('sessions', '--json');
  return (JSON.parse(stdout) as { readonly session: Known }[])
    .map(({ session }) => session)
    .filter(({ principal }) => principal.subject === subject);
}
interface Known {
  readonly id: string;
  readonly profile: string;
  readonly principal: { readonly subject: string; readonly tenant: string; readonly client: string };
}

async function sessionOf(subject: string, claims: Claims = {}): Promise<string> {
  expect(textOf(await call('modern', { sub: subject, ...claims }))).toBe('ok');
  return (await sessionsOf(subject))[0]?.id ?? '';
}

/** What is said of a session that there is not. */
const errorAt = async (era: Era, claims: Claims, path: string): Promise<unknown> => {
  const { status, last } = await call(era, claims, path);
  return [status, last.error];
};
const UNKNOWN = [404, { code: 404, message: 'Session unknown' }];

describe.each(ERAS)('a %s client', (era) => {
  test('of another tenant, client or subject gets a session of its own; another token of the same does not', async () => {
    const subject = `own-${era}`;
    const answers = [
      await call(era, { sub: subject }),
      await call(era, { sub: subject, org: 'zeta' }),
      await call(era, { sub: subject, client_id: 'other' }),
      await call(era, { sub: subject, jti: 'another', groups: ['staff'], act: { sub: 'bot' } }),
    ];
    for (const answer of answers) expect(textOf(answer)).toBe('ok');
    const found = (await sessionsOf(subject)).map(({ principal }) => [principal.tenant, principal.client]);
    expect(found.toSorted()).toEqual([
      ['acme', 'desk'],
      ['acme', 'other'],
      ['zeta', 'desk'],
    ]);
  });

  test('reaches a session by its URL if it is its own, and else hears what it would of none', async () => {
    const subject = `url-${era}`;
    const id = await sessionOf(subject);
    expect(textOf(await call(era, { sub: subject }, `/${id}`))).toBe('ok');
    const before = server.calls().length;
    const strangers: readonly Claims[] = [
      { sub: 'eve' },
      { sub: subject, org: 'zeta' },
      { sub: subject, client_id: 'other' },
    ];
    for (const claims of strangers) expect(await errorAt(era, claims, `/${id}`)).toEqual(UNKNOWN);
    expect(await errorAt(era, { sub: subject }, '/s_none')).toEqual(UNKNOWN);
    expect(server.calls()).toHaveLength(before);
  });

  test('with a token for one session works in that one, at its URL or at none, and in no other', async () => {
    const subject = `sid-${era}`;
    const [one, other] = [await sessionOf(subject), await sessionOf(subject, { client_id: 'other' })];
    for (const path of ['', `/${one}`]) {
      const answer = await call(era, { sub: subject, sid: one }, path);
      expect(textOf(answer)).toBe('ok');
    }
    const before = server.calls().length;
    expect(await errorAt(era, { sub: subject, sid: one }, `/${other}`)).toEqual(UNKNOWN);
    expect(await errorAt(era, { sub: subject, sid: other }, `/${one}`)).toEqual(UNKNOWN);
    expect(await errorAt(era, { sub: subject, sid: other }, '')).toEqual(UNKNOWN);
    expect(await errorAt(era, { sub: 'eve', sid: one }, '')).toEqual(UNKNOWN);
    expect(await errorAt(era, { sub: subject, sid: one }, '/p/leads')).toEqual(UNKNOWN);
    expect(server.calls()).toHaveLength(before);
    expect(await sessionsOf(subject)).toHaveLength(2);
  });

  test('with a token for a session that there is not opens none', async () => {
    expect(await errorAt(era, { sub: `none-${era}`, sid: 's_none' }, '')).toEqual(UNKNOWN);
    expect(await sessionsOf(`none-${era}`)).toEqual([]);
  });

  test('sees no profile that does not let it in, and chooses where two do', async () => {
    const [staff, lead]: readonly Claims[] = [{ sub: `p-${era}` }, { sub: `lead-${era}`, groups: ['staff', 'leads'] }];
    expect(await errorAt(era, staff ?? {}, '/p/leads')).toEqual(UNKNOWN);
    expect(await errorAt(era, staff ?? {}, '/p/none')).toEqual(UNKNOWN);
    expect(await errorAt(era, { sub: 'eve', org: 'other' }, '')).toEqual(UNKNOWN);
    expect(await errorAt(era, lead ?? {}, '')).toEqual([
      409,
      { code: 409, message: 'Several policies apply (all, leads): name one in the URL, /mcp/p/all' },
    ]);
    expect(textOf(await call(era, lead ?? {}, '/p/leads'))).toBe('ok');
    expect((await sessionsOf(`lead-${era}`)).map(({ profile }) => profile)).toEqual(['leads']);
  });
});

test('lists are of the same choice as calls', async () => {
  const list = async (claims: Claims, path: string): Promise<readonly unknown[]> => {
    const { status, last } = await send(modernRequest('tools/list'), await issuer.token(claims), path);
    return [status, last.error ?? ((last.result?.['tools'] ?? []) as readonly JsonObject[]).map(({ name }) => name)];
  };
  const id = await sessionOf('lister');
  expect(await list({ sub: 'lister' }, '')).toEqual([200, ['rough__rough']]);
  expect(await list({ sub: 'lister', sid: id }, '')).toEqual([200, ['rough__rough']]);
  const strangers: readonly (readonly [Claims, string])[] = [
    [{ sub: 'lister', org: 'zeta' }, `/${id}`],
    [{ sub: 'lister', client_id: 'other' }, `/${id}`],
    [{ sub: 'lister', sid: 's_none' }, ''],
    [{ sub: 'lister', sid: 's_none' }, `/${id}`],
    [{ sub: 'lister' }, '/p/leads'],
    [{ sub: 'lister', org: 'other' }, ''],
  ];
  for (const [claims, path] of strangers) expect(await list(claims, path)).toEqual(UNKNOWN);
});

describe('the id of a legacy connection', () => {
  const INITIALIZE: JsonObject = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
  };
  const connect = async (claims: Claims, path = ''): Promise<string> =>
    (await send(INITIALIZE, await issuer.token(claims), path)).headers.get('mcp-session-id') ?? '';
  const use = async (connection: string, claims: Claims, path = ''): Promise<number> => {
    const headers = { 'mcp-session-id': connection, 'mcp-protocol-version': '2025-11-25' };
    const to = { url: `${gateway.url}${path}`, token: await issuer.token(claims) };
    return (await post(to, legacyCall('rough__rough', { do: 'echo' }), headers)).status;
  };

  test('is worth nothing to another tenant or client, nor for another session than it was given for', async () => {
    const id = await sessionOf('linked');
    const open = await connect({ sub: 'linked' });
    expect(await use(open, { sub: 'linked', jti: 'renewed' })).toBe(200);
    for (const claims of [{ org: 'zeta' }, { client_id: 'other' }, { sid: id }])
      expect(await use(open, { sub: 'linked', ...claims })).toBe(404);
    const bound = await connect({ sub: 'linked', sid: id });
    expect(await use(bound, { sub: 'linked', sid: id })).toBe(200);
    expect(await use(bound, { sub: 'linked' })).toBe(404);
    const atUrl = await connect({ sub: 'linked' }, `/${id}`);
    expect(await use(atUrl, { sub: 'linked', sid: id }, `/${id}`)).toBe(200);
    expect(await use(atUrl, { sub: 'linked', sid: 's_none' }, `/${id}`)).toBe(404);
  });
});

describe('a token that is not sound', () => {
  test('is refused in the same words whatever is wrong with it, and the operator is told what', async () => {
    const bad = [
      await issuer.token({ aud: 'https://other.example.com' }),
      await issuer.token({ exp: 1 }),
      await issuer.token({ org: undefined }),
      'a.b.c',
      'x'.repeat(43),
    ];
    const answers = await Promise.all(bad.map((token) => call('modern', {}, '', token)));
    const said = answers.map(({ status, last, headers }) => [status, last.error, headers.get('www-authenticate')]);
    expect(new Set(said.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(said[0]?.[0]).toBe(401);
    await until(() => gateway.reports.filter((line) => line.startsWith('a token was refused: ')).length >= 4);
    expect(gateway.reports).toContain('a token was refused: its claim org (the tenant) is missing or malformed');
  });
});

test('the agent of this machine, whom no policy here lets in, is told no more than a stranger', async () => {
  const { status, last } = await call('modern', {}, '', gateway.token);
  expect([status, last.error]).toEqual(UNKNOWN);
});

test('a shim whose policy lets in no agent of this machine is told so at once', async () => {
  const { code, stderr } = await gateway.command('stdio', '--policy', gateway.policy);
  expect([code, stderr]).toEqual([78, 'tollgate: policy all: "who" lets in no agent of this machine (local)\n']);
});

describe('a policy that changes whom it lets in', () => {
  test('lets in nobody more without a person’s word, and nobody whom it names no more', async () => {
    const claims: Claims = { sub: 'mover', org: 'zeta' };
    const id = await sessionOf('mover', { org: 'zeta' });
    const wider = policyOf('all', of('tenants: [acme, zeta, omega]'));
    writeFileSync(gateway.policy, wider);
    await until(() => gateway.reports.some((line) => line.includes('WIDER than what was accepted last')));
    expect(await errorAt('modern', { org: 'omega' }, '')).toEqual(UNKNOWN);
    writeFileSync(gateway.policy, policyOf('all', of('tenants: [acme]')));
    await until(() => gateway.reports.some((line) => line.endsWith('in force from the next call on')));
    for (const path of ['', `/${id}`]) expect(await errorAt('modern', claims, path)).toEqual(UNKNOWN);
    expect(textOf(await call('modern', { sub: 'stayer' }))).toBe('ok');
  });
});

describe('a gateway does not start', () => {
  const started = async (config: string, policy: string): Promise<string> => {
    const own = temporaryFolder();
    writeFileSync(join(own, 'gateway.yaml'), config);
    const words = ['--config', join(own, 'gateway.yaml')];
    try {
      await (await startGateway(policy, { folder: own, words })).stop();
      return 'it started';
    } catch (fault) {
      return String(fault).replaceAll(own, 'HOME');
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  };

  test('without the keys of its issuer', async () => {
    const config = `version: 1\n${issuer.yaml().replace(issuer.file, 'keys.json')}`;
    expect(await started(config, policyOf('all', of('tenants: [acme]')))).toContain(
      '(exit code 78):\ntollgate: HOME/keys.json, the keys of the issuer, cannot be read: ',
    );
  });

  test('with a policy for callers of an issuer that it does not know', async () => {
    const policy = policyOf('all', of('tenants: [acme]'));
    expect(await started('version: 1\n', policy)).toContain(
      'policy.yaml:3:17: nobody can come from there: gateway.yaml has no identity.issuers',
    );
    expect(await started(`version: 1\n${issuer.yaml()}`, policy.replace('login.', 'logn.'))).toContain(
      `policy.yaml:3:17: nobody can come from there: no issuer of gateway.yaml is "https://logn.example.com"; did you mean "${ISSUER}"?`,
    );
  });
});
