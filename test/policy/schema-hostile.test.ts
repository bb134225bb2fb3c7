import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { inputOf } from '../../src/policy/schema/schema.ts';
import { definitionOf, PLAIN, toolOf } from './policy-text.ts';

describe('values with members that are called like methods', () => {
  const values: readonly JsonValue[] = [{ valueOf: 1 }, { toString: null }, { constructor: 2 }, { hasOwnProperty: [] }];

  it.each(values)('are compared like all others: %j', (value) => {
    const check = inputOf(definitionOf({ properties: { a: { enum: [{ x: 1 }, value] } } } as JsonObject));
    expect(check({ a: value }).ok).toBe(true);
    const other = inputOf(
      definitionOf({ properties: { a: { const: { x: 1 } }, b: { uniqueItems: true } } } as JsonObject),
    );
    expect(other({ a: value })).toEqual({ ok: false, error: ['`a` must be {"x":1}'] });
    expect(other({ b: [value, { x: 1 }] }).ok).toBe(true);
    expect(other({ b: [value, value] }).ok).toBe(false);
    const tool = toolOf(`{ arguments: { a: { enum: [{ x: 1 }, ${JSON.stringify(value)}] } } }`);
    expect(tool.judge({ a: value }, PLAIN).verdict).toBe('allow');
    expect(tool.judge({ a: { ...(value as JsonObject), x: 1 } }, PLAIN).verdict).toBe('deny');
  });
});

describe('a schema that its compiler makes a fault of', () => {
  it('refuses the call', () => {
    const schema = { type: 'object', properties: { v: { patternProperties: { a: {} }, $ref: '#' } }, required: ['v'] };
    expect(inputOf(definitionOf(schema))({ v: { a: -1 } })).toEqual({
      ok: false,
      error: ["the values cannot be checked against the tool's schema"],
    });
  });
});
