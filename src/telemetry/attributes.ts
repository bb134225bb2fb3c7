/** Attribute names: OpenTelemetry's MCP and GenAI conventions (status Development), and our own under `tollgate.`. */
import type { Attributes } from '@opentelemetry/api';
import type { Committed, Received, Settled } from '../domain/call.ts';
import type { Connection } from '../domain/exchange.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';

export const receivedAttributes = (call: Received): Attributes => ({
  'mcp.method.name': call.operation,
  'mcp.protocol.version': call.revision,
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': call.target.slice(0, 128),
  'jsonrpc.request.id': call.requestId,
  'network.transport': call.transport === 'http' ? 'tcp' : 'pipe',
  ...(call.transport === 'http' ? { 'network.protocol.name': 'http' } : {}),
  'tollgate.call.id': call.id,
});

export const sentAttributes = (call: Committed): Attributes => ({
  'mcp.method.name': call.operation,
  'mcp.protocol.version': call.connection.revision,
  'gen_ai.operation.name': 'execute_tool',
  'gen_ai.tool.name': call.contract.tool,
  'tollgate.call.id': call.id,
  'tollgate.attempt': 1,
  'tollgate.server': call.contract.server,
  ...transportAttributes(call.connection),
});

function transportAttributes(connection: Connection): Attributes {
  if (connection.address === undefined) return { 'network.transport': 'pipe' };
  return {
    'network.transport': 'tcp',
    'network.protocol.name': 'http',
    'server.address': connection.address.host,
    'server.port': connection.address.port,
  };
}

/**
 * What an outcome says, and whether it is an error: `error.type`, and a description for the status. The conventions would
 * describe by the server's own words; those are content, and may quote arguments or secrets.
 */
export function outcomeAttributes(outcome: Outcome): { attributes: Attributes; error: string | undefined } {
  const attributes: Attributes = { 'tollgate.outcome': outcome.outcome };
  switch (outcome.outcome) {
    case 'ok':
      return { attributes, error: undefined };
    case 'rpc_error':
      attributes['error.type'] = String(outcome.code);
      attributes['rpc.response.status_code'] = String(outcome.code);
      return { attributes, error: outcome.outcome };
    default:
      attributes['error.type'] = outcome.outcome;
      return { attributes, error: outcome.outcome };
  }
}

/** A refusal by policy is an answer, not an error of the gateway. */
export function answerAttributes(answer: Result<Settled, Refusal>): {
  attributes: Attributes;
  error: string | undefined;
} {
  if (answer.ok) {
    const { attributes, error } = outcomeAttributes(answer.value.outcome);
    return { attributes: { ...attributes, 'tollgate.recorded': answer.value.recordedAt !== undefined }, error };
  }
  const refusal = answer.error;
  const attributes: Attributes = {
    'tollgate.decision': refusal.reason === 'held' ? 'hold' : 'deny',
    'tollgate.refusal': refusal.reason,
  };
  if (refusal.reason === 'held') attributes['tollgate.hold.id'] = refusal.hold.id;
  if (refusal.reason === 'denied') attributes['tollgate.rule'] = [...refusal.rules];
  if (refusal.reason === 'over_budget') attributes['tollgate.budget.kind'] = refusal.overdrawn.kind;
  return { attributes, error: undefined };
}
