import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { argumentHeaders, mirroredArguments, mirrorFault } from '../../src/wire/mirrored-arguments.ts';

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

describe('headers that repeat arguments', () => {
  const schema = object({
    region: marked('Region'),
    size: marked('Size', 'integer'),
    dry: marked('Dry', 'boolean'),
    inner: object({ deep: marked('Deep') }),
  });
  const marks = mirroredArguments(schema);
  const fault = (headers: Readonly<Record<string, string>>, given: JsonObject) =>
    mirrorFault(marks.ok ? marks.value : [], headers, given);

  it.each<readonly [string, Readonly<Record<string, string>>, JsonObject]>([
    ['text as it is', { 'mcp-param-region': 'eu' }, { region: 'eu' }],
    ['text, encoded', { 'mcp-param-region': '=?base64?w7w=?=' }, { region: 'ü' }],
    ['half a sentinel, which is plain text', { 'mcp-param-region': '=?base64?eu' }, { region: '=?base64?eu' }],
    ['a number by its value', { 'mcp-param-size': '42.0' }, { size: 42 }],
    ['a truth value', { 'mcp-param-dry': 'false' }, { dry: false }],
    ['an argument deep inside', { 'mcp-param-deep': 'x' }, { inner: { deep: 'x' } }],
    ['what is absent or null, by their absence', {}, { region: null }],
    ['beside one that no argument has', { 'mcp-param-other': 'x' }, {}],
  ])('are right where they say %s', (_, headers, given) => {
    expect(fault(headers, given)).toBeUndefined();
  });

  it.each<readonly [string, Readonly<Record<string, string>>, JsonObject]>([
    ['something else', { 'mcp-param-region': 'us' }, { region: 'eu' }],
    ['the same in another case', { 'mcp-param-region': 'EU' }, { region: 'eu' }],
    ['nothing', {}, { region: 'eu' }],
    ['what the body does not', { 'mcp-param-region': 'eu' }, {}],
    ['what is null in the body', { 'mcp-param-region': 'null' }, { region: null }],
    ['it in base64 that is badly padded', { 'mcp-param-region': '=?base64?SGVsbG8?=' }, { region: 'Hello' }],
    ['it in base64 with another alphabet', { 'mcp-param-region': '=?base64?SGV$bG8=?=' }, { region: 'Hello' }],
    ['a number in another notation', { 'mcp-param-size': '0x2a' }, { size: 42 }],
    ['no number', { 'mcp-param-size': '' }, { size: 0 }],
    ['a truth value in capitals', { 'mcp-param-dry': 'TRUE' }, { dry: true }],
    ['another thing deep inside', { 'mcp-param-deep': 'y' }, { inner: { deep: 'x' } }],
  ])('lie where they say %s', (_danger, headers, given) => {
    expect(fault(headers, given)).toMatch(/^mcp-param-/);
  });
});
