import type { Committed } from '../domain/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import { outputOf } from '../policy/schema.ts';

/** Holds a result to what its tool promised, and takes out what only Tollgate and the protocol may say. */
export const verifyResult =
  () =>
  (call: Committed, outcome: Outcome): Outcome => {
    if (outcome.outcome !== 'ok' && outcome.outcome !== 'tool_error') return outcome;
    if (outcome.outcome === 'ok' && call.definition.outputSchema !== undefined) {
      const problems = outputOf(call.definition)(outcome.result['structuredContent']);
      if (problems.length > 0)
        return { outcome: 'withheld', why: `it breaks the tool's own output schema (${problems.length} problems).` };
    }
    return { ...outcome, result: withoutImitations(outcome.result) };
  };

/** `_meta` members that would speak in our name or the protocol's. */
const RESERVED = /^(?:tollgate|io\.modelcontextprotocol\/|pending_approval)/i;

function withoutImitations(result: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = result;
  if (!isObject(meta)) return rest;
  const kept: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(meta)) if (!RESERVED.test(name)) kept[name] = value;
  return Object.keys(kept).length === 0 ? rest : { ...rest, _meta: kept };
}
