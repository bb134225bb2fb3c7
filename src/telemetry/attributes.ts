/** Attribute names: OpenTelemetry's MCP and GenAI conventions (status Development), and our own under `tollgate.`. */
import type { Attributes } from '@opentelemetry/api';
import { raised } from '../domain/budget.ts';
import type { Asked, Authorized, Committed, Judged, Received, Settled } from '../domain/call.ts';
import type { Outcome } from '../domain/outcome.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { Result } from '../domain/result.ts';

/** How a step came out. `error` describes the status; undefined where there was none. */
export interface Ending {
  readonly attributes: Attributes;
  readonly error: string | undefined;
}

/** What a call is for. URIs and templates are content as arguments are: not in spans. */
function targetAttributes({ operation, completes }: Received, name: string): Attributes {
  if (operation === 'tools/call') return { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
  return operation === 'prompts/get' || completes === 'prompt' ? { 'gen_ai.prompt.name': name } : {};
}

/** `tools/call crm__get_case`: the method, and the target where it has a name of few values. */
export function spanName(call: Received, name: string): string {
  const isNamed = call.operation === 'tools/call' || call.operation === 'prompts/get';
  return isNamed ? `${call.operation} ${name.slice(0, 128)}` : call.operation;
}

export const receivedAttributes = (call: Received): Attributes => ({
  'mcp.method.name': call.operation,
  'mcp.protocol.version': call.revision,
  ...targetAttributes(call, call.target.slice(0, 128)),
  'jsonrpc.request.id': call.requestId,
  'network.transport': call.transport === 'http' ? 'tcp' : 'pipe',
  'network.protocol.name': call.transport === 'http' ? 'http' : undefined,
  'tollgate.call.id': call.id,
});

export const sentAttributes = (call: Committed): Attributes => ({
  'mcp.method.name': call.operation,
  'mcp.protocol.version': call.connection.revision,
  ...targetAttributes(call, call.contract.name),
  'tollgate.attempt': 1,
  'tollgate.server': call.contract.server,
  'network.transport': call.connection.transport === 'http' ? 'tcp' : 'pipe',
  'network.protocol.name': call.connection.transport === 'http' ? 'http' : undefined,
  'server.address': call.connection.address?.host,
  'server.port': call.connection.address?.port,
});

/** What the policy said, and by which rules; those that only observed are told apart. Their reasons may be long: not here. */
export function judgedAttributes({ rules, needs, observed }: Judged): Attributes {
  const attributes: Attributes = {
    'tollgate.decision': needs.length === 0 ? 'allow' : 'hold',
    'tollgate.rule': [...rules],
  };
  if (observed.length > 0) attributes['tollgate.observed'] = observed.map((one) => `${one.would} by ${one.rule}`);
  return attributes;
}

/** By whose authority a call goes on: what a credential is for, or the reason why there is none. */
export function credentialAttributes(server: string, authorized: Result<Authorized, Refusal>): Attributes {
  if (!authorized.ok) return { 'tollgate.server': server, 'error.type': authorized.error.reason };
  const { credential } = authorized.value;
  if (credential === undefined) return {};
  const { audience, scopes } = credential;
  return {
    'tollgate.server': server,
    'tollgate.credential.scopes': [...scopes],
    ...(audience === undefined ? {} : { 'tollgate.credential.audience': audience }),
  };
}

/** The journal's entry, and what is left of each budget once this call is charged. */
export function intentAttributes(call: Committed): Attributes {
  const attributes: Attributes = { 'tollgate.journal.entry': `${call.session.id}/${call.entry}` };
  for (const [kind, cap] of Object.entries(raised(call.profile.caps, call.snapshot.extended))) {
    const left = cap - (call.snapshot.used[kind] ?? 0) - (call.claims[kind] ?? 0);
    attributes[`tollgate.budget.left.${kind}`] = left;
  }
  return attributes;
}

/**
 * What an outcome says, and whether it is an error: `error.type`, and a description for the status. The conventions would
 * describe by the server's own words; those are content, and may quote arguments or secrets.
 */
export function outcomeAttributes(outcome: Outcome): Ending {
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
export function answerAttributes(answer: Result<Settled | Asked, Refusal>): Ending {
  if (answer.ok) {
    const reply = answer.value;
    if ('questions' in reply)
      return { attributes: { 'tollgate.round': reply.round, 'tollgate.decision': 'asked' }, error: undefined };
    const { attributes, error } = outcomeAttributes(reply.outcome);
    if (reply.recorded !== undefined) attributes['tollgate.recorded'] = true;
    return { attributes, error };
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
