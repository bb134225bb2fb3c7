/** What an issuer says of itself: RFC 8414 and OpenID Connect Discovery 1.0, in the order of MCP 2026-07-28 (authorization-server-discovery). */
import { z } from 'zod';
import { isSecureUrl } from '../../document/issuer-url.ts';
import type { Now } from '../../domain/ports.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { fetchJson } from './fetch-json.ts';

/** Milliseconds that it is believed. */
const BELIEVED = 60 * 60_000;

const endpoint = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && isSecureUrl(url);
});

const metadata = z.object({
  issuer: z.string(),
  jwks_uri: endpoint.optional(),
  introspection_endpoint: endpoint.optional(),
});

export type Metadata = z.infer<typeof metadata>;

/** Refuses with a phrase for the operator. */
export type Discover = () => Promise<Result<Metadata, string>>;

/** Asks the issuer at most once an hour where it answers; `forget` where what it said did not hold. */
export function issuerMetadata(url: string, outgoing: Pick<Outgoing, 'fetch'>, now: Now) {
  let known: { readonly found: Metadata; readonly until: number } | undefined;
  const discover: Discover = async () => {
    if (known !== undefined && now() < known.until) return ok(known.found);
    const found = await discovered(url, outgoing);
    if (found.ok) known = { found: found.value, until: now() + BELIEVED };
    return found;
  };
  return {
    discover,
    forget: (): void => {
      known = undefined;
    },
  };
}

async function discovered(url: string, outgoing: Pick<Outgoing, 'fetch'>): Promise<Result<Metadata, string>> {
  let why = '';
  for (const place of wellKnown(url)) {
    const fetched = await fetchJson(outgoing, place, { headers: { accept: 'application/json' } });
    if (!fetched.ok) return fetched;
    const { status, json } = fetched.value;
    const read = metadata.safeParse(json);
    // Whoever answers for another issuer is not believed elsewhere either (RFC 8414, section 3.3).
    if (status === 200 && read.success && read.data.issuer !== url)
      return refuse(`${place} is the metadata of another issuer`);
    if (status === 200 && read.success) return ok(read.data);
    why = status === 200 ? `${place} is no metadata of an issuer` : `${place} answered ${status}`;
  }
  return refuse(why);
}

/** RFC 8414, section 3.1: between host and path; OpenID Connect Discovery 1.0, section 4: after the path. */
export function wellKnown(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}
