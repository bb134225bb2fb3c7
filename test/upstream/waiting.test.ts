/** How a held call waits, by what its client can do: the page once, rounds, the stream, and the sentence at the end. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Hold } from '../../src/domain/hold.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { agentOf } from '../../src/domain/principal.ts';
import { ok, refuse } from '../../src/domain/result.ts';
import { type Answered, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { introduce, openLine, openModern, openSession, openStream, request } from './clients.ts';
import { type Doors, EMPTY_RESULT, openDoors, settled } from './scripted-doors.ts';

const URL_CLIENT = { elicitation: { url: {} } };
const PAGE = 'https://tools.example.com/holds/h_1';
const HELD =
  /^HELD, NOT DONE\. .*Tell the user to open https:\/\/tools\.example\.com\/holds\/h_1 or to run: tollgate approve h_1\./;

let open: Doors | undefined;
afterEach(() => open?.stop());

interface Waiting extends Doors {
  approve(): void;
}

/** Doors before one call that is held until it is approved. `patience`: how long a request is kept, in milliseconds. */
async function waitingDoors(patience = { wait: 60_000, rounds: 3 }): Promise<Waiting> {
  const hold = { id: 'h_1', target: 'crm.send', principal: agentOf('ada') } as Hold;
  const approved = Promise.withResolvers<void>();
  let isApproved = false;
  const doors = await openDoors({
    patienceOf: () => patience,
    present: async ({ id }) => (isApproved ? settled(EMPTY_RESULT, id) : refuse({ reason: 'held', hold })),
    answered: (_, signal) =>
      Promise.race([approved.promise, new Promise((ended) => signal.addEventListener('abort', ended))]).then(
        () => true,
      ),
  });
  open = doors;
  const approve = (): void => {
    isApproved = true;
    approved.resolve();
  };
  return { ...doors, approve };
}

const call = (capabilities: JsonObject, more: JsonObject = {}): JsonObject =>
  modernRequest('tools/call', {
    name: 'crm__send',
    arguments: { to: 'ada' },
    ...more,
    _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
  });

const send = (doors: Doors, message: JsonObject): Promise<Answered> => post(doors, message, modernHeaders(message));

describe('a client of 2026-07-28 that opens pages', () => {
  test('is offered the page of the hold at once, and once: what it answers approves nothing', async () => {
    const doors = await waitingDoors({ wait: 1, rounds: 3 });
    const first = (await send(doors, call(URL_CLIENT))).last.result;
    expect(first).toMatchObject({ resultType: 'input_required', requestState: expect.any(String) });
    expect(first?.['inputRequests']).toEqual({
      tollgate_hold: {
        method: 'elicitation/create',
        params: {
          mode: 'url',
          url: PAGE,
          message: expect.stringMatching(/crm\.send waits .* Opening this page approves nothing\.$/),
        },
      },
    });
    for (const action of ['accept', 'decline', 'cancel']) {
      const inputResponses = { tollgate_hold: { action } };
      const state = { requestState: first?.['requestState'] as string, inputResponses };
      const second = (await send(doors, call(URL_CLIENT, state))).last.result;
      expect(second).toMatchObject({ resultType: 'input_required' });
      expect(second).not.toHaveProperty('inputRequests');
    }
  });

  test('waits in its next request, and is answered there when somebody approves', async () => {
    const doors = await waitingDoors();
    const first = (await send(doors, call(URL_CLIENT))).last.result;
    const next = call(URL_CLIENT, { requestState: first?.['requestState'] as string });
    const stream = await openModern(doors.url, next);
    doors.approve();
    expect(await stream.next()).toMatchObject({ result: { resultType: 'complete', content: [] } });
  });
});

describe('a client of 2026-07-28 that opens no pages', () => {
  test('is kept so long in each request, comes back a few times with the state alone, and then reads how it stands', async () => {
    const doors = await waitingDoors({ wait: 1, rounds: 3 });
    let result: JsonObject | undefined = {};
    const seen: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const state: JsonObject = result?.['requestState'] === undefined ? {} : { requestState: result['requestState'] };
      const answer = await send(doors, call({}, state));
      result = answer.last.result;
      seen.push(result?.['resultType']);
      if (round < 2) expect(Object.keys(result ?? {}).sort()).toEqual(['_meta', 'requestState', 'resultType']);
      else expect(textOf(answer)).toMatch(HELD);
    }
    expect(seen).toEqual(['input_required', 'input_required', 'complete']);
  });

  test('cannot wait longer by a state of another call', async () => {
    const doors = await waitingDoors({ wait: 1, rounds: 3 });
    const state = (await send(doors, call({}))).last.result?.['requestState'] as string;
    const other = call({}, { name: 'crm__other', requestState: state });
    expect((await send(doors, other)).last.error).toMatchObject({ code: -32602 });
  });

  test('reads how it stands when the gateway ends: nobody would be there to come back to', async () => {
    const doors = await waitingDoors();
    const stream = await openModern(doors.url, call({}));
    const stopped = doors.stop();
    expect(await stream.next()).toMatchObject({ result: { content: [{ text: expect.stringMatching(HELD) }] } });
    await stopped;
  });
});

describe('a client of 2025-11-25', () => {
  test('that opens pages is offered the page once on its stream, which waits whatever it answers', async () => {
    const doors = await waitingDoors();
    const line = await openLine(doors.socket);
    await introduce(line, URL_CLIENT);
    line.send(request('tools/call', { name: 'crm__send', arguments: {} }));
    const asked = await line.next();
    expect(asked).toMatchObject({ method: 'elicitation/create', params: { mode: 'url', url: PAGE } });
    line.send({ jsonrpc: '2.0', id: asked?.['id'] as string, result: { action: 'accept' } });
    // One more round trip: the answer was heard, and it ran nothing.
    line.send(request('ping', {}, 2));
    expect(await line.next()).toMatchObject({ id: 2 });
    doors.approve();
    expect(await line.next()).toMatchObject({ id: 1, result: { content: [] } });
    expect(doors.received.length).toBe(2);
    await line.close();
  });

  test('has the question taken back when the call is approved before it answers', async () => {
    const doors = await waitingDoors();
    const session = await openSession(doors.url, URL_CLIENT);
    const stream = await openStream(doors.url, session, request('tools/call', { name: 'crm__send', arguments: {} }));
    const asked = await stream.next();
    doors.approve();
    expect(await stream.next()).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: asked?.['id'] },
    });
    expect(await stream.next()).toMatchObject({ id: 1, result: { content: [] } });
  });

  test('that opens none is told by its stream at once that it waits, and at the end how it stands', async () => {
    const doors = await waitingDoors({ wait: 1, rounds: 3 });
    const session = await openSession(doors.url);
    const params = { name: 'crm__send', arguments: {}, _meta: { progressToken: 'p' } };
    const stream = await openStream(doors.url, session, request('tools/call', params));
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    expect(await stream.next()).toMatchObject({ method: 'notifications/progress', params: { message: 'waiting' } });
    expect(await stream.next()).toMatchObject({
      result: { isError: true, content: [{ text: expect.stringMatching(HELD) }] },
    });
  });
});

describe('nobody answers in time', () => {
  const hold = { id: 'h_1', target: 'crm.send', principal: agentOf('ada'), lineage: 's_1' } as Hold;
  const takes = { extensions: { 'io.modelcontextprotocol/tasks': {} } };

  test('a call that waits is refused, and asks nobody anew', async () => {
    open = await openDoors({ present: async () => refuse({ reason: 'held', hold }), answered: async () => false });
    expect(textOf(await send(open, call({})))).toMatch(/^DENIED, NOT DONE: nobody answered in time\. /);
    expect(open.received).toHaveLength(1);
  });

  test.each([
    ['unanswered', [], 'nobody answered in time'],
    ['approved', [{ verdict: 'approve' }], 'it was not made in the time that its approval was for'],
  ])('a task that was %s too long has ended, and looking at it presents nothing', async (_, decisions, why) => {
    const late = { ...hold, expiresAt: Date.now(), decisions } as unknown as Hold;
    const doors = await openDoors({
      present: async () => refuse({ reason: 'held', hold: late }),
      tasks: {
        look: async () => ok({ is: 'late', hold: late }),
        cancel: async () => ok(undefined),
        watch: async () => undefined,
      },
    });
    open = doors;
    const { taskId = '' } = (await send(doors, call(takes))).last.result ?? {};
    const meta = { 'io.modelcontextprotocol/clientCapabilities': takes };
    const look = modernRequest('tasks/get', { taskId, _meta: meta });
    expect((await send(doors, look)).last.result).toMatchObject({
      status: 'completed',
      result: { isError: true, content: [{ text: expect.stringMatching(`^DENIED, NOT DONE: ${why}\\. `) }] },
    });
    expect(doors.received).toHaveLength(1);
  });
});
