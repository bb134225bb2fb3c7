import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/domain/json.ts';
import { lockOf, misfitsIn } from './locked.ts';

/** What is wrong with a rule on the argument `a` of a tool with this input schema, from column 41 on. */
const against = (inputSchema: JsonObject, rule: string) =>
  misfitsIn(`tools: { crm.act: { arguments: { a: ${rule} } } }\n`, lockOf({ crm: [{ name: 'act', inputSchema }] }));
const never = (place: string, takes: string) => [
  `1:${place}: no value that the tool takes can meet this: it takes ${takes}`,
];
const argument = (a: unknown, rest: JsonObject = {}) => ({ type: 'object', properties: { a }, ...rest }) as JsonObject;
const text = { type: 'string' };

describe('what a schema declares of an argument', () => {
  it.each([
    [
      'a reference',
      argument({ $ref: '#/$defs/x' }, { $defs: { x: { maximum: 5, type: 'integer' } } }),
      'a whole number <= 5',
    ],
    [
      'a reference of draft-07',
      argument({ $ref: '#/definitions/x' }, { definitions: { x: { type: 'integer', maximum: 5 } } }),
      'a whole number <= 5',
    ],
    [
      'all of several',
      argument({ allOf: [{ type: 'number' }, { maximum: 9 }, { exclusiveMaximum: 9 }] }),
      'a number < 9',
    ],
    [
      'one of several',
      argument({ anyOf: [{ type: 'integer', maximum: 3 }, { type: 'null' }] }),
      'a whole number <= 3, or null',
    ],
    ['either of several', argument({ oneOf: [{ const: 1 }, { enum: [2, 'x'] }] }), 'one of 1, 2, or "x"'],
    ["OpenAPI's null", argument({ type: 'integer', maximum: 3, nullable: true }), 'a whole number <= 3, or null'],
    ['a part of the whole', { allOf: [argument({ maximum: 5, type: 'number' })] } as JsonObject, 'a number <= 5'],
  ])('is read through %s', (_name, schema, takes) => {
    expect(against(schema, '{ type: number, minimum: 10 }')).toEqual(never('37', takes));
  });

  it.each([
    ['nothing said of it', argument({})],
    ['a reference that leads out', argument({ $ref: 'https://x.example/y' })],
    ['a reference in coded letters', argument({ $ref: '#/$defs/%78' }, { $defs: { '%78': text, x: {} } })],
    ['a reference by another base', argument({ $ref: '#/$defs/x' }, { $defs: { x: text, y: { $id: 'y' } } })],
    ['a reference to itself', argument({ $ref: '#/properties/a' })],
    ['a choice that leaves it open', argument({ anyOf: [text, {}] })],
    ['a condition', argument({ if: { type: 'number' }, else: text })],
    ['keywords that nobody knows', argument({ tpye: 'string' })],
    [
      'a schema too deep to be read',
      argument(Array.from({ length: 40 }).reduce<object>((inner) => ({ allOf: [inner] }), text)),
    ],
    [
      'a schema that multiplies',
      argument(
        { $ref: '#/$defs/0' },
        {
          $defs: Object.fromEntries(
            Array.from({ length: 40 }, (_, at) => [
              at,
              { anyOf: [{ $ref: `#/$defs/${at + 1}` }, { $ref: `#/$defs/${at + 1}` }] },
            ]),
          ),
        },
      ),
    ],
    [
      'more arguments than are named',
      { type: 'object', additionalProperties: true, properties: { b: text } } as JsonObject,
    ],
    [
      'patterns of names',
      {
        type: 'object',
        patternProperties: { '^a': {} },
        additionalProperties: text,
        properties: { b: text },
      } as JsonObject,
    ],
  ])('is left open by %s', (_name, schema) => {
    expect(against(schema, '{ minimum: 10 }')).toEqual([]);
  });

  it('is not met between two whole numbers, nor by text or lists of other sizes', () => {
    expect(against(argument({ type: 'integer' }), '{ exclusiveMinimum: 4, exclusiveMaximum: 5 }')).toHaveLength(1);
    expect(against(argument({ type: 'integer' }), '{ exclusiveMinimum: 4, maximum: 5 }')).toEqual([]);
    const either = argument({ anyOf: [{ type: 'integer' }, { type: 'number', minimum: 0 }] });
    expect(against(either, '{ exclusiveMinimum: 4, exclusiveMaximum: 5 }')).toEqual([]);
    expect(against(argument({ ...text, maxLength: 3 }), '{ minLength: 4 }')).toEqual(
      never('37', 'text of at most 3 characters'),
    );
    expect(against(argument({ enum: ['😀'] }), '{ minLength: 2 }')).toEqual(never('37', '"😀"'));
    expect(against(argument({ enum: ['ab', 3] }), '{ minLength: 2 }')).toEqual([]);
    expect(against(argument({ type: 'object', maxProperties: 1 }), '{ minProperties: 2 }')).toHaveLength(1);
  });

  it('may well leave nothing to exclude', () => {
    expect(against(argument({ type: 'number', maximum: 10 }), '{ not: { minimum: 11 } }')).toEqual([]);
  });

  it('has members that are named where it says that there are no others', () => {
    const closed = { type: 'object', properties: { name: text }, additionalProperties: false };
    const rule = '{ properties: { nmae: { minLength: 1 } }, required: [nam, name] }';
    expect(against(argument(closed), rule)).toEqual([
      '1:53: what the tool takes here has no member "nmae"; did you mean "name"?',
      '1:90: what the tool takes here has no member "nam"; did you mean "name"?',
    ]);
    expect(against(argument({ ...closed, additionalProperties: undefined }), rule)).toEqual([]);
    expect(against(argument({ anyOf: [closed, { ...closed, properties: { nmae: {}, nam: {} } }] }), rule)).toEqual([]);
  });
});
