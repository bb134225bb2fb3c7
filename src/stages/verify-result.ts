import type { Committed } from '../domain/call.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { Outcome } from '../domain/outcome.ts';
import { pageDigest } from '../policy/lock/pages.ts';
import { outputOf } from '../policy/schema.ts';

/** MCP 2026-07-28: the client did not declare what the server needs; and our own word for "that cannot be had". */
const MISSING_CAPABILITY = -32021;
const INTERNAL_ERROR = -32603;

/** Holds a result to what its tool promised, and takes out what only Tollgate and the protocol may say. */
export const verifyResult =
  () =>
  (call: Committed, outcome: Outcome): Outcome => {
    if (outcome.outcome === 'rpc_error') return outcome.code === MISSING_CAPABILITY ? missing(call, outcome) : outcome;
    if (outcome.outcome !== 'ok' && outcome.outcome !== 'tool_error') return outcome;
    if (outcome.outcome === 'ok' && call.definition?.outputSchema !== undefined) {
      const problems = outputOf(call.definition)(outcome.result['structuredContent']);
      if (problems.length > 0)
        return { outcome: 'withheld', why: `it breaks the tool's own output schema (${problems.length} problems).` };
    }
    const page = lockedPage(call);
    if (page !== undefined && pageDigest(outcome.result) !== page)
      return { outcome: 'withheld', why: 'the page is not the one that was accepted.' };
    return { ...outcome, result: withoutImitations(outcome.result) };
  };

/** The digest of the page that is read, where the profile's lock has it. */
const lockedPage = ({ operation, profile, contract: { server, name } }: Committed): string | undefined =>
  operation === 'resources/read' ? profile.lock?.servers.get(server)?.pages.get(name) : undefined;

/** The server speaks of what we declared to it. The client hears of it only where it could help by declaring more. */
function missing(call: Committed, outcome: Extract<Outcome, { outcome: 'rpc_error' }>): Outcome {
  const required = isObject(outcome.data) ? outcome.data['requiredCapabilities'] : undefined;
  const names = isObject(required) ? Object.keys(required) : [];
  const asks = call.profile.asks.get(call.contract.server);
  const allowed: Readonly<Record<string, boolean>> = {
    elicitation: asks !== undefined && asks.elicitation.length > 0,
    sampling: asks?.sampling !== undefined,
    roots: asks?.roots === true,
  };
  if (names.length > 0 && names.every((name) => allowed[name] === true)) return outcome;
  const message = `the server ${call.contract.server} needs to ask the client what the policy does not allow`;
  return { outcome: 'rpc_error', code: INTERNAL_ERROR, message };
}

/** `_meta` members that would speak in our name or the protocol's. */
const RESERVED = /^(?:tollgate|io\.modelcontextprotocol\/|pending_approval)/i;

function withoutImitations(result: JsonObject): JsonObject {
  const { _meta: meta, ...rest } = result;
  if (!isObject(meta)) return rest;
  const kept: Record<string, JsonValue | undefined> = {};
  for (const [name, value] of Object.entries(meta)) if (!RESERVED.test(name)) kept[name] = value;
  return Object.keys(kept).length === 0 ? rest : { ...rest, _meta: kept };
}
