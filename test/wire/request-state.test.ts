import { expect, test } from 'vitest';
import { openRound, sealRound } from '../../src/wire/request-state.ts';
import { sealNote } from '../../src/wire/seal.ts';

const seal = { key: Buffer.alloc(32, 7), boundTo: ['local', 'agent', '/mcp', 'tools/call', 'a__b'] };
const note = { call: 'call_1', number: 2, session: 's_1', digest: 'sha256:0' };
const at = Date.UTC(2026, 10, 22);
const HOUR = 60 * 60_000;
const state = sealRound(note, at, seal);

test('a state names its call and round to whoever it was given', () => {
  expect(openRound(state, at, seal)).toEqual(note);
  expect(openRound(state, at + HOUR, seal)).toEqual(note);
});

test.each<readonly [string, unknown, number, readonly string[]]>([
  ['that is no text', 7, at, seal.boundTo],
  ['that was tampered with', `${state}-TAMPERED`, at, seal.boundTo],
  [
    'of another call, under this one’s seal',
    state.replace(/^[^.]+/, sealRound({ ...note, call: 'x' }, at, seal).split('.')[0] ?? ''),
    at,
    seal.boundTo,
  ],
  ['whose time is over', state, at + HOUR + 1, seal.boundTo],
  ['of somebody else', state, at, ['local', 'other', '/mcp', 'tools/call', 'a__b']],
  ['for another URL', state, at, ['local', 'agent', '/mcp/p/x', 'tools/call', 'a__b']],
  ['for another method', state, at, ['local', 'agent', '/mcp', 'prompts/get', 'a__b']],
  ['for another target', state, at, ['local', 'agent', '/mcp', 'tools/call', 'a__c']],
  ['that is a session id', sealNote('mcp-session-id 2', ['call_1', 2, at + HOUR], seal), at, seal.boundTo],
])('a state %s opens nothing', (_danger, given, now, boundTo) => {
  expect(openRound(given, now, { ...seal, boundTo })).toBeUndefined();
});
