import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { HEARTBEAT } from '../../src/wire/patience.ts';
import { modernHeaders, modernRequest } from '../support/posts.ts';
import { openSession, openStream } from './clients.ts';

/** The beat's own clock is ours; sockets keep theirs. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

test.each<readonly [string, JsonObject, Record<string, string>]>([
  ['tools/call', { name: 'a__b' }, {}],
  ['prompts/get', { name: 'p' }, {}],
  ['resources/read', { uri: 'a://1' }, { 'mcp-name': 'a://1' }],
  ['completion/complete', { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } }, {}],
])(
  'an answer to %s that is long in coming opens its stream before its client gives up',
  async (method, params, more) => {
    vi.resetModules();
    const { openDoors, settled } = await import('./scripted-doors.ts');
    const [arrived, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const doors = await openDoors({
      present: async ({ id }) => {
        arrived.resolve();
        await gate.promise;
        return settled({ content: [], messages: [], contents: [] }, id);
      },
    });
    const message = modernRequest(method, params);
    const opening = openStream(doors.url, { ...modernHeaders(message), ...more }, message);
    await arrived.promise;
    vi.advanceTimersByTime(HEARTBEAT);
    const stream = await opening;
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    gate.resolve();
    expect(await stream.next()).toMatchObject({ id: 1, result: { resultType: 'complete' } });
    await doors.stop();
  },
);

test('a stream of notices beats as long as it is open', async () => {
  vi.resetModules();
  const { openDoors } = await import('./scripted-doors.ts');
  const doors = await openDoors();
  const response = await fetch(doors.url, {
    headers: { ...(await openSession(doors.url)), accept: 'text/event-stream' },
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect(await reader?.read()).toMatchObject({ value: ': waiting\n\n' });
  vi.advanceTimersByTime(HEARTBEAT);
  expect(await reader?.read()).toMatchObject({ value: ': waiting\n\n' });
  await doors.stop();
});
