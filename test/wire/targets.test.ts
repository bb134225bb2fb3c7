import { expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import type { Operation } from '../../src/domain/operation.ts';
import { readTarget } from '../../src/wire/targets.ts';

const argument = { name: 'a', value: 'v' };

test.each<readonly [Operation, JsonObject, JsonObject]>([
  ['tools/call', { name: 'a__b', arguments: { x: 1 } }, { target: 'a__b', arguments: { x: 1 } }],
  ['tools/call', { name: 'a__b' }, { target: 'a__b', arguments: {} }],
  ['prompts/get', { name: 'p', arguments: { x: 'y' } }, { target: 'p', arguments: { x: 'y' } }],
  ['resources/read', { uri: 'file:///x', arguments: { x: 1 } }, { target: 'file:///x', arguments: {} }],
  ['resources/subscribe', { uri: 'file:///x' }, { target: 'file:///x', arguments: {} }],
  [
    'completion/complete',
    { ref: { type: 'ref/prompt', name: 'p' }, argument },
    { target: 'p', completes: 'prompt', arguments: { argument } },
  ],
  [
    'completion/complete',
    { ref: { type: 'ref/resource', uri: 'a://{b}' }, argument, context: { arguments: {} } },
    { target: 'a://{b}', completes: 'resource', arguments: { argument, context: { arguments: {} } } },
  ],
])('%s names its target: %j', (operation, params, target) => {
  expect(readTarget(operation, params)).toEqual({
    ok: true,
    value: { operation, completes: undefined, ...target },
  });
});

test.each<readonly [Operation, JsonObject]>([
  ['tools/call', { name: 7 }],
  ['prompts/get', { name: 'p', arguments: [] }],
  ['resources/read', { uri: {} }],
  ['resources/subscribe', {}],
  ['completion/complete', { argument }],
  ['completion/complete', { ref: { type: 'ref/prompt', uri: 'p' }, argument }],
  ['completion/complete', { ref: { type: 'ref/tool', name: 'p', uri: 'p' }, argument }],
])('%s without one is refused: %j', (operation, params) => {
  expect(readTarget(operation, params).ok).toBe(false);
});
