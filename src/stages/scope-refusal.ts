import type { InSession } from '../domain/call.ts';
import type { Contract } from '../domain/contract.ts';
import { LOCAL } from '../domain/principal.ts';
import type { Refusal } from '../domain/refusal.ts';

/**
 * Where the caller's token is not for what the target needs. A scope is one word: that one implies another only its issuer
 * knows, who grants both. Callers of this machine have no token, and are not asked.
 */
export function scopeRefusal({ principal, scopes }: InSession, contract: Contract): Refusal | undefined {
  const lacking = contract.scopes.filter((scope) => !scopes.includes(scope));
  if (lacking.length === 0 || principal.issuer === LOCAL) return undefined;
  return { reason: 'insufficient_scope', scopes: [...scopes, ...lacking] };
}
