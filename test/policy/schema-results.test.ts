import { describe, expect, it } from 'vitest';
import { deepFreeze, type JsonObject } from '../../src/domain/json.ts';
import { inputOf, outputOf } from '../../src/policy/schema/schema.ts';
import { definitionOf } from './policy-text.ts';

describe('compiling', () => {
  it('happens once for a pin', () => {
    const definition = definitionOf({ type: 'object', properties: { a: {} } });
    expect(inputOf({ ...definition })).toBe(inputOf(definition));
    expect(outputOf({ ...definition })).toBe(outputOf(definition));
    expect(inputOf(definitionOf({ type: 'object', properties: { a: {} } }))).not.toBe(inputOf(definition));
  });

  it('is not kept for ever', () => {
    const first = definitionOf({ type: 'object' });
    const check = inputOf(first);
    for (let count = 0; count < 1000; count++) inputOf(definitionOf({ $schema: 'none' }));
    expect(inputOf(first)).not.toBe(check);
  });
});

describe('results against the tool’s output schema', () => {
  const outputSchema = { type: 'object', properties: { status: { enum: ['sent'] } }, required: ['status'] };
  const output = (schema: JsonObject | undefined) =>
    outputOf(definitionOf({}, schema === undefined ? {} : { outputSchema: schema }));

  it('pass where none is declared', () => {
    expect(output(undefined)(undefined)).toEqual([]);
    expect(output(undefined)({ a: 1 })).toEqual([]);
  });

  it('break their promise by other content, and by none', () => {
    expect(output(outputSchema)({ status: 'sent', more: 1 })).toEqual([]);
    expect(output(outputSchema)({ status: 'lost' })).toEqual(['`status` must be one of "sent"']);
    expect(output(outputSchema)(undefined)).toEqual([
      'the tool declares an output schema and answered no structured content',
    ]);
  });

  it('may be any JSON value', () => {
    expect(output({ type: 'array' })([])).toEqual([]);
    expect(output({ type: 'array' })(null)).toEqual(['the value must be a list']);
  });

  it('are not changed by defaults', () => {
    const result = deepFreeze({});
    expect(output({ properties: { a: { default: 1 } } })(result)).toEqual([]);
  });

  it('break a schema that cannot be used', () => {
    expect(output({ $ref: 'https://x.example/y' })({})).toEqual([
      "the tool's output schema cannot be used: can't resolve reference https://x.example/y from id #",
    ]);
  });
});
