import { afterAll, beforeEach, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { modernHeaders, modernRequest, post } from '../support/posts.ts';
import { openLine } from './clients.ts';
import { type Doors, EMPTY_RESULT, openDoors, settled } from './scripted-doors.ts';

const question = { method: 'elicitation/create', params: { message: 'who?' }, key: 'user' } as const;

/** What the call is of. */
const OF = { session: 's_1', digest: 'sha256:0' };

/** The path asks in the first round and settles in the second; what it is not told of is unknown to it. */
const doors: Doors = await openDoors({
  present: async ({ id, round }) => {
    if (round === undefined) return ok({ id, round: 1, ...OF, questions: { user: question } });
    return round.number === 1 ? settled(EMPTY_RESULT, id) : refuse({ reason: 'round_unknown' });
  },
});
afterAll(() => doors.stop());

const CALLS: readonly (readonly [method: string, params: JsonObject])[] = [
  ['tools/call', { name: 'a__b', arguments: { x: 1 } }],
  ['prompts/get', { name: 'p' }],
  ['resources/read', { uri: 'file:///x' }],
];
const [[METHOD, PARAMS] = ['', {}]] = CALLS;
const send = (method: string, params: JsonObject, url = doors.url) => {
  const message = modernRequest(method, params);
  const name = params['uri'] === undefined ? {} : { 'mcp-name': String(params['uri']) };
  return post({ url, token: undefined }, message, { ...modernHeaders(message), ...name });
};
const stateOf = async (method = METHOD, params = PARAMS): Promise<string> =>
  String((await send(method, params)).last.result?.['requestState']);

let before = 0;
beforeEach(() => {
  before = doors.received.length;
});
const presented = () => doors.received.slice(before);

test.each(CALLS)('%s asks its client, who comes back to the very call with the answers', async (method, params) => {
  const asked = await send(method, params);
  expect(asked.last.result).toMatchObject({
    resultType: 'input_required',
    inputRequests: { user: { method: 'elicitation/create', params: { message: 'who?' } } },
  });
  expect(asked.last.result).not.toHaveProperty('ttlMs');
  const answers = { user: { action: 'accept', content: { name: 'ada' } }, bad: 12345, none: null };
  const round = { requestState: asked.last.result?.['requestState'], inputResponses: answers };
  expect((await send(method, { ...params, ...round })).last.result).toMatchObject({ resultType: 'complete' });
  const [first, second] = presented();
  expect(second).toMatchObject({ id: first?.id, round: { ...OF, number: 1, answers: { user: answers.user } } });
  expect(Object.keys(second?.round?.answers ?? {})).toEqual(['user']);
});

test.each<readonly [string, () => Promise<readonly [string, JsonObject]>]>([
  ['that was tampered with', async () => [METHOD, { ...PARAMS, requestState: `${await stateOf()}-TAMPERED` }]],
  ['that is no text', async () => [METHOD, { ...PARAMS, requestState: {} }]],
  ['for another target', async () => [METHOD, { ...PARAMS, name: 'a__c', requestState: await stateOf() }]],
  ['for another method', async () => ['prompts/get', { name: 'a__b', requestState: await stateOf() }]],
])('a state %s is an error, and nothing is presented', async (_danger, make) => {
  const [method, params] = await make();
  before = doors.received.length;
  const { status, last } = await send(method, { ...params, inputResponses: { user: { action: 'accept' } } });
  expect([status, last.error]).toEqual([200, { code: -32602, message: expect.stringContaining('requestState') }]);
  expect(presented()).toEqual([]);
});

test('a state of one door is worth nothing at another', async () => {
  const requestState = await stateOf();
  const elsewhere = await send(METHOD, { ...PARAMS, requestState }, `${doors.url}/p/other`);
  expect(elsewhere.last.error).toMatchObject({ code: -32602 });
  const line = await openLine(doors.socket);
  line.send(modernRequest(METHOD, { ...PARAMS, requestState }));
  expect(await line.next()).toMatchObject({ error: { code: -32602 } });
  await line.close();
});

test('on a line it is worth what it is worth over HTTP, in the folder it was given in', async () => {
  const [here, there] = await Promise.all([openLine(doors.socket, '/here'), openLine(doors.socket, '/there')]);
  here.send(modernRequest(METHOD, PARAMS));
  const asked = (await here.next()) as { result: JsonObject };
  const back = modernRequest(METHOD, { ...PARAMS, requestState: asked.result['requestState'] });
  there.send(back);
  expect(await there.next()).toMatchObject({ error: { code: -32602 } });
  here.send(back);
  expect(await here.next()).toMatchObject({ result: { resultType: 'complete' } });
  await Promise.all([here.close(), there.close()]);
});

test('answers without a state are for nothing that was asked: the call is one of its own, and they come ahead', async () => {
  await send(METHOD, { ...PARAMS, inputResponses: { user: { action: 'accept' }, bad: 12345 } });
  expect(presented()).toMatchObject([{ round: undefined, ahead: { user: { action: 'accept' } } }]);
  expect(Object.keys(presented()[0]?.ahead ?? {})).toEqual(['user']);
  await send(METHOD, PARAMS);
  expect(presented()[1]?.ahead).toBeUndefined();
});

test('a completion has no rounds: a state beside it is not read', async () => {
  const ref = { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } };
  await send('completion/complete', { ...ref, requestState: 'nonsense', inputResponses: { a: {} } });
  expect(presented()).toMatchObject([{ operation: 'completion/complete', round: undefined, ahead: undefined }]);
});

test('a legacy client cannot come back: what asks it something is a fault of ours, and says nothing of it', async () => {
  const message = { jsonrpc: '2.0', id: 1, method: METHOD, params: { ...PARAMS, requestState: 'x' } };
  const { status, last } = await post(doors, message);
  expect([status, last.error?.['code'], doors.faults.length]).toEqual([500, -32603, 1]);
});
