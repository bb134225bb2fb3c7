/** The OpenAPI document: sound by itself, and true of what the gateway answers. */
import { rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { type ApiAnswered, type ApiAsked, apiToken, ask } from '../support/api-posts.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { enrolPerson } from '../support/person.ts';
import { legacyCall, post } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let token: string;
let document: JsonObject;

beforeAll(async () => {
  await enrolPerson(homeOf(environmentOf(folder)), userInfo().username);
  const { yaml } = recordingServer(folder);
  gateway = await startGateway(
    `version: 1\nprofile: p\nwho: local\nservers: { rough: ${yaml} }\ntools: { rough.rough: { effect: read }, rough.other: { effect: write, approval: {} } }\n`,
    { folder },
  );
  token = apiToken(gateway);
  document = (await ask(gateway, '/api/openapi.json')).body as JsonObject;
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const at = (value: JsonValue | undefined, ...keys: readonly string[]): JsonValue | undefined =>
  keys.reduce<JsonValue | undefined>((part, key) => (isObject(part) ? part[key] : undefined), value);
const object = (value: JsonValue | undefined): JsonObject => (isObject(value) ? value : {});

interface Operation extends JsonObject {
  readonly operationId: string;
  readonly responses: JsonObject;
}

/** All of them, with where they stand. */
const operations = (): readonly { readonly path: string; readonly method: string; readonly operation: Operation }[] =>
  Object.entries(object(document['paths'])).flatMap(([path, item]) =>
    Object.entries(object(item)).flatMap(([method, operation]) =>
      method === 'parameters' ? [] : [{ path, method, operation: operation as Operation }],
    ),
  );

/** Every value of a member of this name, however deep. */
function deep(value: JsonValue | undefined, name: string): readonly JsonValue[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap((item) => deep(item, name));
  if (!isObject(value)) return [];
  const here = value[name];
  return [...(here === undefined ? [] : [here]), ...Object.values(value).flatMap((member) => deep(member, name))];
}

/** Judges by a schema of the document, strictly. */
function judge(schema: JsonObject): (value: unknown) => readonly unknown[] {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  ajv.addKeyword('components');
  ajv.addFormat('uri-reference', (text: string) => URL.canParse(text, 'http://localhost'));
  ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)));
  const components = document['components'];
  const validate = ajv.compile({ ...schema, components } as object as Record<string, unknown>);
  return (value) => (validate(value) ? [] : (validate.errors ?? []));
}

test('is one of 3.1, and all that it refers to is in it', () => {
  expect(document).toMatchObject({ openapi: expect.stringMatching(/^3\.1\.\d$/), info: { title: 'Tollgate' } });
  const references = deep(document, '$ref').map(String);
  expect(references.length).toBeGreaterThan(10);
  const missing = references.filter((one) => at(document, ...one.replace(/^#\//, '').split('/')) === undefined);
  expect(missing).toEqual([]);
  const schemes = Object.keys(object(at(document, 'components', 'securitySchemes')));
  for (const required of deep(document, 'security').flat())
    expect(schemes).toEqual(expect.arrayContaining(Object.keys(object(required as JsonValue))));
});

test('every operation has a name of its own, declares its path’s parameters, and describes every answer', () => {
  const names = operations().map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(32);
  for (const { path, operation } of operations()) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (at(document, 'paths', path, 'parameters') ?? []) as readonly JsonObject[];
    expect(declared.map((one) => [one['name'], one['in'], one['required']])).toEqual(
      inPath.map((name) => [name, 'path', true]),
    );
    for (const answer of Object.values(operation.responses)) expect(object(answer)['description']).toMatch(/\.$/);
  }
});

test('its schemas are schemas of JSON Schema 2020-12', () => {
  for (const schema of [
    ...Object.values(object(at(document, 'components', 'schemas'))),
    ...deep(document['paths'], 'schema'),
  ])
    expect(() => judge(object(schema))).not.toThrow();
});

describe('what is answered is what it says', () => {
  const said = new Set<string>();

  /** Asks, and holds the answer against the document. */
  async function asked(name: string, path: string, more: ApiAsked = {}): Promise<ApiAnswered> {
    const answer = await ask(gateway, `/api${path}`, { token, ...more });
    const found = operations().find(({ operation }) => operation.operationId === name);
    const response = object(found?.operation.responses[String(answer.status)]);
    const [[type = '', media] = []] = Object.entries(object(response['content']));
    expect(answer.headers.get('content-type')?.split(';')[0]).toBe(type);
    expect(judge(object(at(media, 'schema')))(answer.body)).toEqual([]);
    said.add(`${name} ${answer.status}`);
    return answer;
  }

  test('by every route, when it does and when it refuses', async () => {
    const P = { profile: 'p' };
    const full = { ...P, task: 'T', instructions: { text: 'I' }, model: 'm', route: 'r' };
    const { body } = await asked('createSession', '/sessions', { body: full });
    await asked('createSession', '/sessions', { body: P });
    const one = `/sessions/${body['id']}`;
    await asked('createSession', '/sessions', { body: {} });
    await asked('createSession', '/sessions', { body: 'x', headers: { 'content-type': 'text/plain' } });
    await asked('createSession', '/sessions', { body: 'x'.repeat(65 * 1024) });
    await asked('listSessions', '/sessions?limit=1');
    await asked('listSessions', '/sessions?limit=0');
    await asked('showSession', one);
    await asked('showSession', '/sessions/s_none');
    for (const verb of ['pause', 'resume', 'complete', 'archive']) {
      const name = `${verb}Session`;
      await asked(name, `${one}/${verb}`, { body: { why: 'x' } });
      await asked(name, `${one}/${verb}`, { body: { why: 'x' } });
      await asked(name, `${one}/${verb}`, { body: {} });
      await asked(name, `/sessions/s_none/${verb}`, { body: { why: 'x' } });
    }
    for (const [mark, answer] of ['approve', 'deny'].entries()) {
      const call = post({ url: gateway.url, token: gateway.token ?? '' }, legacyCall('rough__other', { mark }));
      call.catch(() => undefined);
      const waiting = async () => (await asked('listHolds', '/holds')).body['holds'] as JsonObject[];
      await until(async () => (await waiting()).length === 1);
      const [hold] = await waiting();
      const at = `/holds/${hold?.['id']}`;
      await asked('showHold', at);
      const name = `${answer}Hold`;
      const said = { passphrase: 'correct horse', because: 'x' };
      await asked(name, `${at}/${answer}`, { body: { ...said, passphrase: 'wrong' } });
      await asked(name, `${at}/${answer}`, { body: {} });
      await asked(name, `${at}/${answer}`, { body: said });
      await asked(name, `${at}/${answer}`, { body: said });
      await asked(name, `/holds/h_none/${answer}`, { body: said });
      await asked('readJournal', `/sessions/${hold?.['session']}/journal?limit=2`);
    }
    const passphrase = 'correct horse';
    const lost = post({ url: gateway.url, token: gateway.token ?? '' }, legacyCall('rough__other', { do: 'exit' }));
    const open = async () => (await asked('listHolds', '/holds')).body['holds'] as JsonObject[];
    await until(async () => (await open()).length === 1);
    await asked('approveHold', `/holds/${(await open())[0]?.['id']}/approve`, { body: { passphrase } });
    await lost;
    const [outcome] = (await asked('listOutcomes', '/outcomes')).body['outcomes'] as JsonObject[];
    await asked('listOutcomes', '/outcomes?state=x');
    const call = `/outcomes/${outcome?.['call']}`;
    await asked('showOutcome', call);
    await asked('showOutcome', '/outcomes/call_none');
    const settling = { outcome: 'executed', why: 'x', passphrase };
    await asked('settleOutcome', `${call}/settle`, { body: {} });
    await asked('settleOutcome', `${call}/settle`, { body: { ...settling, passphrase: 'wrong' } });
    await asked('settleOutcome', `${call}/settle`, { body: settling });
    await asked('settleOutcome', `${call}/settle`, { body: settling });
    await asked('settleOutcome', '/outcomes/call_none/settle', { body: settling });
    await asked('listOutcomes', '/outcomes?state=all');
    await asked('listPolicies', '/policies');
    await asked('showPolicy', '/policies/p');
    await asked('showPolicy', '/policies/none');
    await asked('acceptPolicy', '/policies/p/accept', { body: {} });
    await asked('acceptPolicy', '/policies/p/accept', { body: { shown: 'sha256:x', passphrase } });
    await asked('acceptPolicy', '/policies/none/accept', { body: { shown: 'sha256:x', passphrase } });
    await asked('listHolds', '/holds?state=all');
    await asked('listHolds', '/holds?state=x');
    await asked('showHold', '/holds/h_none');
    await asked('readJournal', '/sessions/s_none/journal');
    expect((await asked('approvalStatistics', '/approvals/statistics?days=30')).body['rules']).toMatchObject([
      { rule: 'rough.other.approval', asked: 3, approved: 2, denied: 1, median_seconds: expect.any(Number) },
    ]);
    await asked('approvalStatistics', '/approvals/statistics?days=8');
    await asked('listApprovers', '/approvers');
    await asked('askForKey', '/approvers', { body: { passphrase: 'a long passphrase' } });
    const key = { kid: 'x', passphrase: 'correct horse' };
    await asked('acceptApprover', '/approvers/x/accept', { body: key });
    for (const { path, method, operation } of operations()) {
      const given = method === 'post' ? { body: {} } : {};
      const there = path.replace('/api', '').replaceAll(/\{\w+\}/g, 's_1');
      await asked(operation.operationId, there, { ...given, token: 'wrong' });
    }
    await asked('listPasskeys', '/passkeys');
    await asked('beginPasskey', '/passkeys/options', { body: {} });
    await asked('showPush', '/push');
    await asked('subscribe', '/push', {
      body: { endpoint: 'https://push.example.com', keys: { p256dh: 'x', auth: 'x' } },
    });
    await asked('unsubscribe', '/push/end', { body: { endpoint: 'https://push.example.com' } });
    // Of these the 2xx takes somebody who signed in, an authenticator, a server that changed, or a gateway that tells browsers: people-holds.test.ts, passkeys.test.ts,
    // console-policies.test.ts, notify/gateway.test.ts.
    const elsewhere = [
      ...['askForKey', 'acceptApprover', 'acceptPolicy', 'challengeHold', 'offerPasskey', 'addPasskey'],
      ...['challengePasskey', 'removePasskey', 'subscribe'],
    ];
    for (const { operation } of operations().filter(
      ({ operation: { operationId } }) => !elsewhere.includes(operationId),
    )) {
      const done = Object.keys(operation.responses).find((status) => status.startsWith('2'));
      expect([...said]).toEqual(
        expect.arrayContaining([`${operation.operationId} ${done}`, `${operation.operationId} 401`]),
      );
    }
  });

  test('and a request that its schema refuses, the gateway refuses', async () => {
    const creation = judge(object(at(document, 'components', 'schemas', 'Creation')));
    const given = [{}, { profile: '' }, { profile: 'p', x: 1 }, { profile: 'p', instructions: { digest: 'x' } }, []];
    for (const body of given) {
      expect(creation(body)).not.toEqual([]);
      expect((await ask(gateway, '/api/sessions', { token, body })).status).toBe(400);
    }
    expect(creation({ profile: 'p', principal: { subject: 'a', client: 'b' } })).toEqual([]);
  });
});

test('the page shows every route and schema, and holds no script and nothing from elsewhere', async () => {
  const page = await ask(gateway, '/api');
  expect(page.headers.get('content-type')).toMatch(/^text\/html/);
  for (const { path, method, operation } of operations())
    expect(page.text).toContain(`id="${operation.operationId}"><code>${method.toUpperCase()} ${path}<`);
  for (const name of Object.keys(object(at(document, 'components', 'schemas'))))
    expect(page.text).toContain(`id="${name}"`);
  expect(page.text).not.toMatch(/<script|<img|<link|<iframe|\bsrc=|\bon\w+=|href="(?!#|\/api)/i);
  expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+';/);
});

test('page and document are for everybody, and say nothing of this gateway but its version', async () => {
  const answers = [await ask(gateway, '/api'), await ask(gateway, '/api/openapi.json')];
  for (const { status, text } of answers) {
    expect(status).toBe(200);
    for (const secret of [token, gateway.token ?? '', gateway.home.folder, 'rough']) expect(text).not.toContain(secret);
  }
});
