/** The JSON Schema (2020-12) of a policy file, for editors: made from the very shapes that files are read with. */
import { z } from 'zod';
import { described, mapping } from '../../document/mapping.ts';
import { serverName } from '../../document/server-shape.ts';
import { WHEN_REACHED } from '../../domain/budget.ts';
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { flowShape } from '../judge/flows.ts';
import { refusalsCap } from './budgets.ts';
import { countCap, outline, runtimeCap, serverShape, sessionShape, spendCap, testShape } from './policy-shape.ts';
import { rate, sessionsCap } from './principal-budgets.ts';
import { LISTS, setShape } from './sets.ts';
import { promptShape, resourceShape, toolShape } from './target-shape.ts';

/** The parts that files are read part by part, in one; the description of each is that of the outline. */
const PARTS: Readonly<Record<string, z.ZodType>> = {
  sets: z.record(z.string(), setShape),
  servers: z.record(serverName, serverShape),
  tools: z.record(z.string(), toolShape),
  resources: z.array(resourceShape),
  prompts: z.array(promptShape),
  flows: z.array(flowShape),
  session: sessionShape,
  tests: z.array(testShape),
  budgets: mapping(
    described(
      {
        session: z
          .object(
            described(
              {
                calls: countCap.optional(),
                runtime: runtimeCap.optional(),
                spend: spendCap.optional(),
                retries: countCap.optional(),
                refusals: refusalsCap.optional(),
                approvals: countCap.optional(),
              },
              {
                calls: 'So many calls.',
                runtime: 'So much time with a call under way: 30s, 10m, 1h.',
                spend: 'So much money, and in which classes.',
                retries: 'So many calls that failed before and are made again as they were.',
                refusals: 'So many refused calls; then every call is refused.',
                approvals: 'So many calls that a person is asked about.',
              },
            ),
          )
          .catchall(countCap.describe('A class that tools charge.'))
          .optional(),
        principal: z
          .object(
            described(
              { calls: rate.optional(), sessions: sessionsCap.optional() },
              { calls: 'So many calls: 60/minute, 100/hour, 2000/day.', sessions: 'So many live sessions.' },
            ),
          )
          .catchall(rate.describe('A class that tools charge: 60/minute, 100/hour, 2000/day.'))
          .optional(),
        when_reached: z.enum(WHEN_REACHED).optional(),
      },
      {
        session: 'What one session may use. What is unsaid is not limited.',
        principal: 'What all sessions of one caller may use together.',
        when_reached:
          'Of a session: extend (a person may say how much more), pause, or deny. Unsaid is deny. It is not for retries, refusals and approvals to be extended.',
      },
    ),
  ),
};

export function fileSchema(): JsonObject {
  const whole = schemaOf(outline);
  const $defs: Record<string, JsonValue | undefined> = {};
  const properties = Object.fromEntries(
    Object.entries(whole['properties'] as JsonObject).map(([key, written]) => {
      const part = PARTS[key];
      if (part === undefined || !isObject(written)) return [key, written];
      const { $defs: own, $schema: _dialect, ...schema } = schemaOf(part);
      Object.assign($defs, own);
      return [key, { ...schema, description: written['description'] }];
    }),
  );
  return withReferences({
    $schema: whole['$schema'],
    title: 'A policy of Tollgate',
    ...whole,
    // What a file that includes another does not say is the other's.
    required: undefined,
    anyOf: [{ required: ['include'] }, { required: whole['required'] }],
    properties,
    $defs,
  });
}

const schemaOf = (shape: z.ZodType): JsonObject => z.toJSONSchema(shape, { io: 'input' }) as JsonObject;

/** Where the file may write the name of a set instead of a list. */
const SET = { type: 'string', pattern: '^\\$\\{sets\\.[a-z][a-z0-9_-]*\\}$' };

/** Lists of plain values may be a set; a folder may be a set too, so there the text is any. */
function withReferences(schema: JsonObject): JsonObject {
  const changed = Object.entries(schema).map(([key, value]): readonly [string, JsonValue | undefined] => {
    if (key === 'properties' && isObject(value)) {
      return [
        key,
        Object.fromEntries(
          Object.entries(value).map(([name, member]) => [
            name,
            isObject(member) ? orSet(name, withReferences(member)) : member,
          ]),
        ),
      ];
    }
    if (Array.isArray(value)) return [key, value.map((item) => (isObject(item) ? withReferences(item) : item))];
    return [key, isObject(value) ? withReferences(value) : value];
  });
  return Object.fromEntries(changed);
}

function orSet(name: string, schema: JsonObject): JsonObject {
  if (!LISTS.includes(name) || schema['type'] !== 'array') return schema;
  const { description, ...list } = schema;
  return { description, anyOf: [list, SET] };
}
