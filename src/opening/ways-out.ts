/** What the gateway asks others for by itself: issuers for their keys, the deployment's places for secrets. All of it is guarded. */
import type { Config } from '../config.ts';
import type { Servers } from '../domain/policy.ts';
import type { Now } from '../domain/ports.ts';
import { isReachedAt } from '../domain/reached-at.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { openSecrets, type ReadSecret } from '../identity/secrets/read-secret.ts';
import { unreadableSecrets } from '../identity/secrets/unreadable-secrets.ts';
import { type Verifiers, verifiersOf } from '../identity/verifiers.ts';
import { secretTroubles } from '../notify/secret-troubles.ts';
import { type Outgoing, openOutgoing } from '../outgoing/outgoing.ts';
import type { PolicyBook } from '../policy/book.ts';

export interface WaysOut {
  readonly outgoing: Outgoing;
  readonly readSecret: ReadSecret;
  readonly verifiers: Verifiers;
}

interface WaysOutOptions {
  readonly config: Config;
  /** In force, as they change: whose servers' addresses the operator wrote, and which claims are kept of callers. */
  readonly policies: PolicyBook;
  /** That are started or reached; what they are given as secrets must be there by now. */
  readonly servers: Servers;
  readonly now: Now;
  /** Called with what is to be ended, before anything else may fail. */
  readonly closing: (close: () => Promise<void>) => void;
}

/** Refuses with lines for a person. */
export async function openWaysOut(
  options: WaysOutOptions,
): Promise<Result<WaysOut, { readonly kind: 'identity' | 'server'; readonly problems: readonly string[] }>> {
  const { config, policies, servers, now, closing } = options;
  const isWritten = (origin: string) => config.outgoing.written.has(origin) || isReachedAt(policies.servers, origin);
  const outgoing = openOutgoing({ private: config.outgoing.private, isWritten });
  closing(() => outgoing.close());
  const readSecret = openSecrets({ environment: process.env, platform: process.platform });
  const named = () => policies.claimsNamed;
  const verifiers = verifiersOf(config.trustedIssuers, { outgoing, readSecret, named, now });
  if (!verifiers.ok) return refuse({ kind: 'identity', problems: [verifiers.error] });
  const unreadable = await unreadableSecrets(servers, readSecret);
  if (unreadable.length > 0) return refuse({ kind: 'server', problems: unreadable });
  const troubles = await secretTroubles(config.notify, readSecret);
  if (troubles.length > 0) return refuse({ kind: 'identity', problems: troubles });
  return ok({ outgoing, readSecret, verifiers: verifiers.value });
}
