/** What the claims of a token say of its caller. Pure; whether they are true is settled before. */
import { z } from 'zod';
import { isObject, type JsonValue } from '../domain/json.ts';
import type { Caller } from '../domain/principal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type ClaimsNamed, namedClaims } from './named-claims.ts';

/** How a token of an issuer is read. */
export interface ClaimsReading {
  /** As the tokens say it in `iss`. */
  readonly url: string;
  /** The claim that names the tenant; undefined: the issuer is the one tenant of all its callers. */
  readonly tenant: string | undefined;
  /** The claims that are kept of a caller. */
  readonly named: ClaimsNamed;
}

const name = z.string().min(1);

const claims = z.object({
  sub: name,
  client_id: name.optional(),
  azp: name.optional(),
  groups: z.array(name).optional(),
  scope: z.string().optional(),
  sid: name.max(128).optional(),
  act: z.unknown().optional(),
});

/** The longest chain of actors that is read. */
const MOST_ACTORS = 8;

/** Refuses, with a phrase for the operator, what is missing or malformed: nothing is guessed. */
export function callerIn(
  payload: Readonly<Record<string, unknown>>,
  { url, tenant, named }: ClaimsReading,
): Result<Caller, string> {
  const read = claims.safeParse(payload);
  if (!read.success) return refuse(`its claim ${read.error.issues[0]?.path[0]?.toString()} is missing or malformed`);
  const { sub, client_id, azp, groups = [], scope = '', sid, act } = read.data;
  const client = client_id ?? azp;
  if (client === undefined) return refuse('it names no client (client_id or azp)');
  const of = tenant === undefined ? url : payload[tenant];
  if (typeof of !== 'string' || of === '') return refuse(`its claim ${tenant} (the tenant) is missing or malformed`);
  const actors = actorsIn(act, url);
  if (!actors.ok) return actors;
  return ok({
    principal: { issuer: url, subject: sub, client, actors: actors.value, tenant: of },
    groups,
    tokenClaims: namedClaims(payload, named()),
    scopes: scope.split(' ').filter((one) => one !== ''),
    sid,
  });
}

/** Who acts for the subject, the nearest first (RFC 8693, section 4.1). An actor who names no issuer is the token's. */
function actorsIn(act: unknown, url: string): Result<readonly string[], string> {
  const actors: string[] = [];
  for (let at = act; at !== undefined; ) {
    if (actors.length === MOST_ACTORS) return refuse(`its claim act is longer than ${MOST_ACTORS} actors`);
    const actor = isObject(at as JsonValue) ? (at as { sub?: unknown; iss?: unknown; act?: unknown }) : {};
    const { sub, iss = url } = actor;
    if (typeof sub !== 'string' || sub === '' || typeof iss !== 'string') return refuse('its claim act is malformed');
    actors.push(`${iss}:${sub}`);
    at = actor.act;
  }
  return ok(actors);
}
