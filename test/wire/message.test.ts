import { expect, test } from 'vitest';
import { readMessage } from '../../src/wire/message.ts';

const read = (body: unknown) => readMessage(typeof body === 'string' ? body : JSON.stringify(body));

test('a request, a notification and a response are told apart', () => {
  expect(read({ jsonrpc: '2.0', id: 1, method: 'ping' })).toMatchObject({
    ok: true,
    value: { kind: 'request', id: 1, params: {} },
  });
  expect(read({ jsonrpc: '2.0', method: 'notifications/initialized' })).toMatchObject({
    ok: true,
    value: { kind: 'notification' },
  });
  expect(read({ jsonrpc: '2.0', id: 'a', result: {} })).toMatchObject({
    ok: true,
    value: { kind: 'response', id: 'a', result: {}, error: undefined },
  });
  expect(read({ jsonrpc: '2.0', id: 'a', error: { code: 1 } })).toMatchObject({
    value: { kind: 'response', id: 'a', result: undefined, error: { code: 1 } },
  });
});

test.each([
  ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], null],
  ['a null id', { jsonrpc: '2.0', id: null, method: 'ping' }, null],
  ['a fractional id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }, null],
  ['an endless id', { jsonrpc: '2.0', id: 'x'.repeat(257), method: 'ping' }, null],
  ['another JSON-RPC', { jsonrpc: '1.0', id: 1, method: 'ping' }, 1],
  ['a case-variant member of the envelope', { jsonrpc: '2.0', id: 1, method: 'ping', Method: 'tools/call' }, 1],
  [
    'a case-variant member of params',
    { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', Name: 'b' } },
    1,
  ],
  ['a case-variant of _meta', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', _Meta: {} } }, 1],
  ['params that are a list', { jsonrpc: '2.0', id: 1, method: 'ping', params: [1] }, 1],
  ['_meta that is text', { jsonrpc: '2.0', id: 1, method: 'ping', params: { _meta: 'x' } }, 1],
  ['neither method nor id', { jsonrpc: '2.0' }, null],
  ['an answer that is a result and an error', { jsonrpc: '2.0', id: 1, result: {}, error: {} }, 1],
  ...['URI', 'Ref', 'argumenT', 'Context', 'Notifications', 'Level', 'requeststate', 'InputResponses'].map(
    (member): [string, unknown, number] => [
      `the member ${member} in another spelling than the one that is read`,
      { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { [member]: 'x' } },
      1,
    ],
  ),
])('%s is refused, under the id it came with where it has one', (_danger, body, id) => {
  expect(read(body)).toMatchObject({ ok: false, error: { id, status: 400 } });
});

test('case-variants inside arguments are the tool’s own matter', () => {
  expect(
    read({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', arguments: { Name: 1, name: 2 } } }),
  ).toMatchObject({ ok: true });
});
