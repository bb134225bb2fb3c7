import type { Prepared } from '../domain/call.ts';
import { targetOf, UNPINNED } from '../domain/contract.ts';
import { agreedExtension } from '../domain/extension.ts';
import { NO_FIELDS } from '../domain/history.ts';
import { decisionsDigest, type Hold } from '../domain/hold.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { credentialOf, type Need } from '../domain/policy.ts';
import type { Intent } from '../domain/ports.ts';
import { isProduction, opened } from '../domain/production.ts';
import { expiryOf } from '../domain/session.ts';

/** `extend` as it was signed, whatever the ledger says later: amounts in the decision, production in the needs that it binds. */
function grantOf({ id, binding, decisions }: Hold, needs: readonly Need[]): Intent['grant'] {
  const extend = { ...agreedExtension(decisions), ...opened(needs) };
  const judged = decisionsDigest(decisions);
  return { hold: id, binding, judged, ...(Object.keys(extend).length === 0 ? {} : { extend }) };
}

/** By whose authority, and how far it goes: never the credential itself. */
function credentialWords({ profile, contract, credential }: Prepared): JsonObject {
  const form = credentialOf(profile.servers.get(contract.server));
  if (credential === undefined || form === undefined) return {};
  return { credential: { kind: form.kind, audience: credential.audience ?? null, scopes: credential.scopes } };
}

/** What `commit` is asked to make true of a call that was decided. */
export function intentOf(call: Prepared, replica: string, at: number): Intent {
  const { grant } = call;
  const target = targetOf(call.contract);
  return {
    call: call.id,
    session: call.session.id,
    replica,
    at,
    target,
    effect: call.contract.effect,
    digest: call.digest,
    canonical: call.canonical,
    claims: call.claims,
    caps: call.caps,
    renew: call.profile.life.renew,
    expiresAt: expiryOf(call.session, call.profile.life.maxAge),
    principalCaps: call.principalCaps,
    timeout: call.contract.timeout,
    demands: call.demands,
    labels: call.contract.labels,
    judgedBy: call.policy.seesLabels ? call.snapshot.labels : undefined,
    production: isProduction(call.profile.servers.get(call.contract.server)) ? call.contract.server : undefined,
    fields: call.profile.recorders.get(target)?.ofCall(call.effective) ?? NO_FIELDS,
    agentReason: call.agentReason,
    grant: grant && grantOf(grant, call.needs),
    body: {
      policy: call.profile.digest,
      rules: call.rules,
      ...(call.observed.length === 0 ? {} : { observed: call.observed as unknown as JsonValue }),
      operation: call.operation,
      target_rules: call.policy.digest,
      pin: call.definition?.pin ?? UNPINNED,
      ...credentialWords(call),
      client: `${call.client.name} ${call.client.version}`,
      // Whoever acts may be another than at the session's opening, which names them too.
      ...(call.principal.actors.length === 0 ? {} : { actors: call.principal.actors }),
      transport: call.transport,
      revision: call.revision,
      trace: call.trace.traceparent,
    },
  };
}
