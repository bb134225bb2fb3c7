import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { argumentHeaders, mirroredArguments } from '../../src/wire/mirrored-arguments.ts';

const object = (properties: JsonObject): JsonObject => ({ type: 'object', properties });
const marked = (name: string, type = 'string'): JsonObject => ({ type, 'x-mcp-header': name });

function headersFor(schema: JsonObject, canonical: string) {
  const mirrored = mirroredArguments(schema);
  return mirrored.ok ? argumentHeaders(mirrored.value, canonical) : mirrored.error;
}

describe('mirrored arguments', () => {
  const schema = object({
    region: marked('Region'),
    size: marked('Size', 'integer'),
    dry: marked('Dry', 'boolean'),
    inner: object({ deep: marked('Deep') }),
    plain: { type: 'string' },
  });

  it('become headers: text as it is or encoded, integers in decimal, truth values in lower case', () => {
    expect(headersFor(schema, '{"dry":false,"inner":{"deep":"ü"},"plain":"p","region":"eu","size":42}')).toEqual({
      'mcp-param-region': 'eu',
      'mcp-param-size': '42',
      'mcp-param-dry': 'false',
      'mcp-param-deep': '=?base64?w7w=?=',
    });
  });

  it('have no header where they are absent or null', () => {
    expect(headersFor(schema, '{"inner":{},"region":null}')).toEqual({});
  });

  it.each([
    ['a name that is no header token', object({ a: marked('two words') }), 'x-mcp-header is no header name'],
    ['an empty name', object({ a: marked('') }), 'x-mcp-header is no header name'],
    ['a number', object({ a: marked('N', 'number') }), 'x-mcp-header N is on no string, integer or boolean'],
    [
      'the same name twice, in another case',
      object({ a: marked('A'), b: marked('a') }),
      'two arguments have the same x-mcp-header',
    ],
    [
      'a place inside an array',
      object({ a: { type: 'array', items: object({ b: marked('B') }) } }),
      'x-mcp-header B is not reached by properties alone',
    ],
    [
      'a place inside an alternative',
      { anyOf: [object({ b: marked('B') })] },
      'x-mcp-header B is not reached by properties alone',
    ],
    ['the schema itself', marked('B'), 'x-mcp-header B is not reached by properties alone'],
  ])('are not valid with %s', (_case, bad, why) => {
    expect(headersFor(bad, '{}')).toBe(why);
  });

  it('are not found in plain values, nor in a property that is only named so', () => {
    const harmless = object({
      a: { type: 'object', default: { 'x-mcp-header': 5 }, enum: [{ 'x-mcp-header': 5 }] },
      'x-mcp-header': { type: 'string' },
    });
    expect(headersFor(harmless, '{"x-mcp-header":"v"}')).toEqual({});
  });
});
