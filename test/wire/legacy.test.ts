import { expect, test } from 'vitest';
import { openHandshake, readInitialize, sealHandshake } from '../../src/wire/legacy.ts';

const key = Buffer.alloc(32, 7);
const handshake = { revision: '2025-06-18', client: { name: 'ein Klient', version: '1' } };
const seal = { key, boundTo: 'local agent /mcp' };

test('a sealed session id says what initialize settled, also to a gateway that was restarted', () => {
  expect(openHandshake(sealHandshake(handshake, 'u', seal), seal)).toEqual(handshake);
  expect(sealHandshake(handshake, 'u', seal)).toMatch(/^[\x21-\x7e]+$/);
});

test.each([
  ['written by somebody else', `${Buffer.from('["u","2025-06-18","x","1"]').toString('base64url')}.AAAA`],
  ['cut short', sealHandshake(handshake, 'u', seal).slice(0, -1)],
  ['of another key', sealHandshake(handshake, 'u', { ...seal, key: Buffer.alloc(32, 8) })],
  ['of another caller or URL', sealHandshake(handshake, 'u', { ...seal, boundTo: 'somebody else' })],
  ['empty', ''],
])('a session id that is %s opens nothing', (_danger, id) => {
  expect(openHandshake(id, seal)).toBeUndefined();
});

test('an unknown revision is answered with the newest legacy one', () => {
  expect(readInitialize({ protocolVersion: '1999-01-01' }).revision).toBe('2025-11-25');
  expect(readInitialize({ protocolVersion: '2024-11-05' }).revision).toBe('2024-11-05');
});
