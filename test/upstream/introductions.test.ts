import { afterEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Refusal } from '../../src/domain/refusal.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import type { Listed, Path } from '../../src/upstream/answer.ts';
import { MODERN, modernHeaders, modernRequest, post } from '../support/posts.ts';
import { openLine, request } from './clients.ts';
import { type Doors, openDoors } from './scripted-doors.ts';

let doors: Doors;
afterEach(() => doors.stop());
const open = async (script: Partial<Pick<Path, 'offers' | 'list'>>): Promise<void> => {
  doors = await openDoors(script);
};
const modern = (method: string, params: JsonObject = {}) => {
  const message = modernRequest(method, params);
  return post(doors, message, modernHeaders(message));
};

const capabilities = { tools: { listChanged: true }, resources: { subscribe: true }, completions: {} };
const OFFERS = { capabilities, instructions: 'Instructions of crm, unverified: be quick.' };
const WORDS = /^These tools pass through Tollgate.*\n\nInstructions of crm, unverified: be quick\.$/s;

test('both eras are told what the caller’s servers offer, our own word first', async () => {
  await open({ offers: async () => ok(OFFERS) });
  expect((await modern('server/discover')).last.result).toMatchObject({
    resultType: 'complete',
    supportedVersions: [MODERN],
    capabilities,
    instructions: expect.stringMatching(WORDS),
    ttlMs: 0,
    cacheScope: 'private',
  });
  const initialize = request('initialize', { protocolVersion: '2025-06-18', capabilities: {} });
  const expected = { protocolVersion: '2025-06-18', capabilities, instructions: expect.stringMatching(WORDS) };
  const { last, headers } = await post(doors, initialize);
  expect(last.result).toEqual({ ...expected, serverInfo: { name: 'tollgate', version: '1' } });
  expect(headers.get('mcp-session-id')).toMatch(/^[\x21-\x7e]{1,1024}$/);
  const line = await openLine(doors.socket);
  line.send(initialize);
  expect(await line.next()).toMatchObject({ id: 1, result: expected });
  await line.close();
});

test('where servers say nothing, our own word is alone', async () => {
  await open({ offers: async () => ok({ capabilities: {}, instructions: undefined }) });
  expect((await modern('server/discover')).last.result?.['instructions']).toMatch(/^These tools .* another way\.$/s);
});

test.each<readonly [Refusal, number, number]>([
  [{ reason: 'profile_unclear', profiles: ['a', 'b'] }, 409, 409],
  [{ reason: 'session_unknown' }, 404, 404],
  [{ reason: 'unauthenticated' }, 401, 401],
])('whom the lists are refused is not introduced either: %j', async (refusal, status, code) => {
  await open({ offers: async () => refuse(refusal), list: async () => refuse(refusal) });
  const initialized = await post(doors, request('initialize', { protocolVersion: '2025-11-25', capabilities: {} }));
  expect([initialized.status, initialized.last.error?.['code']]).toEqual([status, code]);
  expect(initialized.headers.get('mcp-session-id')).toBeNull();
  for (const method of ['server/discover', 'resources/list']) {
    const answer = await modern(method);
    expect([answer.status, answer.last.error?.['code']]).toEqual([status, code]);
  }
  const listening = await modern('subscriptions/listen', { notifications: {} });
  expect([listening.status, listening.last.error?.['code']]).toEqual([status, code]);
});

test.each<readonly [string, Listed]>([
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
])('%s answers with all %s, which nobody else may keep, on one page', async (method, listed) => {
  await open({ list: async (_presented, _route, asked) => ok([{ name: asked }]) });
  expect((await modern(method)).last.result).toMatchObject({
    [listed]: [{ name: listed }],
    ttlMs: 0,
    cacheScope: 'private',
  });
  expect((await post(doors, request(method))).last.result).toEqual({ [listed]: [{ name: listed }] });
  expect((await modern(method, { cursor: 'next' })).last.error).toMatchObject({ code: -32602 });
});

test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is no method', async (method) => {
  await open({});
  expect((await post(doors, request(method))).last.error).toMatchObject({ code: -32601 });
  const answer = await modern(method);
  expect([answer.status, answer.last.error?.['code']]).toEqual([404, -32601]);
});
