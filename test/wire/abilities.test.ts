import { expect, test } from 'vitest';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { readAbilities } from '../../src/wire/abilities.ts';

const MODERN = '2026-07-28';
const UI = 'io.modelcontextprotocol/ui';
const nested = (levels: number): JsonObject => (levels === 1 ? {} : { a: nested(levels - 1) });

test.each<readonly [name: string, declared: unknown, revision: string, read: Partial<Abilities>]>([
  ['nothing', {}, MODERN, {}],
  ['no object at all', 'elicitation', MODERN, {}],
  ['elicitation, which means forms only', { elicitation: {} }, MODERN, { elicitation: ['form'] }],
  ['both modes', { elicitation: { form: {}, url: {} } }, MODERN, { elicitation: ['form', 'url'] }],
  ['URLs alone', { elicitation: { url: {} } }, MODERN, { elicitation: ['url'] }],
  ['elicitation that is no object', { elicitation: true }, MODERN, {}],
  ['URLs, before there were any', { elicitation: { form: {}, url: {} } }, '2025-06-18', { elicitation: ['form'] }],
  ['elicitation, before there was any', { elicitation: {} }, '2025-03-26', {}],
  ['sampling', { sampling: {} }, MODERN, { sampling: { tools: false } }],
  ['sampling with tools', { sampling: { tools: {} } }, '2025-11-25', { sampling: { tools: true } }],
  [
    'sampling with tools, before there was such',
    { sampling: { tools: {} } },
    '2025-06-18',
    { sampling: { tools: false } },
  ],
  ['roots', { roots: { listChanged: true } }, '2024-11-05', { roots: true }],
  ['apps', { extensions: { [UI]: { mimeTypes: ['text/html'] } } }, MODERN, { ui: { mimeTypes: ['text/html'] } }],
  ['apps, deep but bearable', { extensions: { [UI]: nested(8) } }, MODERN, { ui: nested(8) }],
  ['apps, nested deeper than is passed on', { extensions: { [UI]: nested(9) } }, MODERN, {}],
  ['apps, larger than is passed on', { extensions: { [UI]: { a: 'x'.repeat(4096) } } }, MODERN, {}],
  ['tasks', { extensions: { 'io.modelcontextprotocol/tasks': {} } }, MODERN, { tasks: true }],
  ['tasks, before there were such', { extensions: { 'io.modelcontextprotocol/tasks': {} } }, '2025-11-25', {}],
  ['another extension', { extensions: { 'com.example/other': {} } }, MODERN, {}],
])('a client that declares %s is taken at its word, and no further', (_, declared, revision, read) => {
  expect(readAbilities(declared as JsonObject, revision)).toEqual({ ...NO_ABILITIES, ...read });
});
