import { expect, test } from 'vitest';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import { type Handshake, openHandshake, readInitialize, sealHandshake } from '../../src/wire/legacy.ts';
import { sealNote } from '../../src/wire/seal.ts';

const key = Buffer.alloc(32, 7);
const handshake: Handshake = {
  revision: '2025-06-18',
  client: { name: 'ein Klient', version: '1' },
  abilities: NO_ABILITIES,
};
const seal = { key, boundTo: ['local', 'agent', '/mcp'] };
const roundTrip = (one: Handshake) => openHandshake(sealHandshake(one, 'u', seal), seal);

test('a sealed session id says what initialize settled, also to a gateway that was restarted', () => {
  expect(roundTrip(handshake)).toEqual(handshake);
  expect(sealHandshake(handshake, 'u', seal)).toMatch(/^[\x21-\x7e]+$/);
});

test.each<Abilities>([
  { elicitation: ['form', 'url'], sampling: { tools: true }, roots: true, ui: { mimeTypes: ['text/html'] } },
  { elicitation: ['url'], sampling: { tools: false }, roots: false, ui: undefined },
  { elicitation: ['form'], sampling: undefined, roots: false, ui: undefined },
  { elicitation: [], sampling: undefined, roots: true, ui: undefined },
])('it keeps what the client can be asked and shown: %j', (abilities) => {
  expect(roundTrip({ ...handshake, abilities })).toEqual({ ...handshake, abilities });
});

test('it fits into a header: what does not is left out, what a client shows first, its name last', () => {
  const abilities: Abilities = { ...NO_ABILITIES, elicitation: ['form'], ui: { a: 'x'.repeat(1000) } };
  const large = { ...handshake, abilities };
  expect(sealHandshake(large, 'u', seal).length).toBeLessThanOrEqual(1024);
  expect(roundTrip(large)).toEqual({ ...large, abilities: { ...abilities, ui: undefined } });
  const long = '\u0001'.repeat(100);
  const named = { ...large, client: { name: long, version: long } };
  expect(sealHandshake(named, 'u', seal).length).toBeLessThanOrEqual(1024);
  expect(roundTrip(named)).toMatchObject({ client: { name: 'unknown' }, abilities: { elicitation: ['form'] } });
});

test.each([
  ['written by somebody else', `${Buffer.from('["u","2025-06-18","x","1",""]').toString('base64url')}.AAAA`],
  ['cut short', sealHandshake(handshake, 'u', seal).slice(0, -1)],
  ['of another key', sealHandshake(handshake, 'u', { ...seal, key: Buffer.alloc(32, 8) })],
  ['of another caller or URL', sealHandshake(handshake, 'u', { ...seal, boundTo: ['somebody else'] })],
  ['of the same words in another order', sealHandshake(handshake, 'u', { ...seal, boundTo: ['local', 'agent /mcp'] })],
  ['a note for another purpose', sealNote('request-state 2', ['u', '2025-06-18', 'x', '1', ''], seal)],
  ['followed by more', `${sealHandshake(handshake, 'u', seal)}.x`],
  ['empty', ''],
])('a session id that is %s opens nothing', (_danger, id) => {
  expect(openHandshake(id, seal)).toBeUndefined();
});

test('an unknown revision is answered with the newest legacy one', () => {
  expect(readInitialize({ protocolVersion: '1999-01-01' }).revision).toBe('2025-11-25');
  expect(readInitialize({ protocolVersion: '2024-11-05' }).revision).toBe('2024-11-05');
});
