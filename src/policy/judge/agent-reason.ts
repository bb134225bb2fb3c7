/**
 * `tollgate_reason`: why the agent says it calls, where the policy asks (`session.require_reason`). It is an argument that
 * the agent sees and no server gets: taken out before the call is judged, shown to the person who approves, and kept.
 */
import { isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { readable } from '../shown/readable.ts';

export const REASON_ARGUMENT = 'tollgate_reason';
/** Characters. */
const LONGEST_REASON = 500;

const SHOWN: JsonObject = {
  type: 'string',
  description: `Why you make this call, in a sentence. Shown to the person who approves. At most ${LONGEST_REASON} characters.`,
  minLength: 1,
  maxLength: LONGEST_REASON,
};

/** The input schema as the agent sees it: with the reason, required. */
export function withReason(schema: JsonObject): JsonObject {
  const { properties, required } = schema;
  const others: readonly JsonValue[] = Array.isArray(required) ? required : [];
  return {
    ...schema,
    properties: { ...(isObject(properties) ? properties : {}), [REASON_ARGUMENT]: SHOWN },
    required: [...others, REASON_ARGUMENT],
  };
}

/** The reason, without hidden characters, and the arguments without it. Refused with what is wrong, for the agent to read. */
export function takeReason(given: JsonObject): Result<{ readonly reason: string; readonly given: JsonObject }, string> {
  const { [REASON_ARGUMENT]: said, ...rest } = given;
  if (typeof said !== 'string') {
    return refuse(`\`${REASON_ARGUMENT}\` must say, as text, why you make this call`);
  }
  const reason = readable(said).trim();
  if (reason === '') return refuse(`\`${REASON_ARGUMENT}\` must say why you make this call`);
  if ([...reason].length > LONGEST_REASON)
    return refuse(`\`${REASON_ARGUMENT}\` must be at most ${LONGEST_REASON} characters`);
  return ok({ reason, given: rest });
}
