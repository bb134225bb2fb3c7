import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { readEnvelope } from '../../src/wire/modern.ts';

const read = (more: JsonObject) =>
  readEnvelope({
    kind: 'request',
    id: 1,
    method: 'tools/call',
    params: {},
    meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      ...more,
    },
  });

test.each([
  ['warning', 'warning'],
  ['Warning', undefined],
  ['loud', undefined],
  [3, undefined],
])('logs are wanted from the level %j on, or not at all', (level, wanted) => {
  expect(read({ 'io.modelcontextprotocol/logLevel': level })).toMatchObject({ ok: true, value: { logLevel: wanted } });
});

test('each request says anew what its client can be asked', () => {
  const capabilities = { elicitation: {} };
  expect(read({ 'io.modelcontextprotocol/clientCapabilities': capabilities })).toMatchObject({
    value: { abilities: { elicitation: ['form'] } },
  });
  expect(read({})).toMatchObject({ value: { abilities: { elicitation: [] }, logLevel: undefined } });
});
