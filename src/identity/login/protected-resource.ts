/** What a server says of who lets people in to it (RFC 9728), as a client of 2026-07-28 finds it out. */
import { z } from 'zod';
import { NO_ABILITIES } from '../../domain/abilities.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import { headersOf, initializeText, requestText } from '../../wire/outgoing.ts';
import type { Era } from '../../wire/revisions.ts';
import { type BearerChallenge, readChallenge } from './challenge.ts';
import { askableUrl, readDocument, wordsOf } from './metadata.ts';

export interface ProtectedResource {
  /** What its tokens must be for, as the server writes it. */
  readonly resource: string;
  readonly issuers: readonly string[];
  /** What to ask for: as the challenge says, else all that the metadata lists, else nothing is said. */
  readonly scopes: readonly string[] | undefined;
}

const shape = z.object({
  resource: z.string(),
  authorization_servers: z.array(z.string()).optional(),
  scopes_supported: z.array(z.string()).optional(),
});

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Refused with a phrase for the operator. `challenge`: what the server said last, where it said something. */
export async function discoverResource(
  outgoing: Pick<Outgoing, 'fetch'>,
  server: URL,
  era: Era | undefined,
  challenge: BearerChallenge | undefined,
): Promise<Result<ProtectedResource | undefined, string>> {
  const asked = challenge === undefined ? await askedChallenge(outgoing, server, era) : ok(challenge);
  if (!asked.ok) return asked;
  const { resourceMetadata, scopes } = asked.value;
  for (const place of placesOf(server, resourceMetadata)) {
    const url = askableUrl(place, server);
    if (url === undefined) return refuse('its resource_metadata is no URL that may be asked');
    const read = await readDocument(outgoing, url, shape);
    if (!read.ok) return read;
    if (read.value === undefined) continue;
    const { resource, authorization_servers: issuers = [], scopes_supported: supported = [] } = read.value;
    if (!isWithin(server, resource)) return refuse(`its metadata is for another resource: ${resource.slice(0, 200)}`);
    return ok({ resource, issuers, scopes: scopes ?? (supported.length === 0 ? undefined : supported) });
  }
  return resourceMetadata === undefined ? ok(undefined) : refuse('its resource_metadata leads nowhere');
}

/** The one that the server named, or else the two where it may lie (RFC 9728 3.1). */
function placesOf(server: URL, named: string | undefined): readonly string[] {
  if (named !== undefined) return [named];
  const path = server.pathname === '/' ? '' : server.pathname;
  return [...new Set([`${server.origin}${WELL_KNOWN}${path}${server.search}`, `${server.origin}${WELL_KNOWN}`])];
}

/** Whether the server is the resource, or lies below it: one metadata document may be for a whole origin. */
function isWithin(server: URL, resource: string): boolean {
  const url = URL.parse(resource);
  if (url === null || url.origin !== server.origin || url.hash !== '') return false;
  const below = url.pathname.endsWith('/') ? url.pathname : `${url.pathname}/`;
  const isSame = url.pathname === server.pathname && (url.search === '' || url.search === server.search);
  return isSame || (url.search === '' && `${server.pathname}/`.startsWith(below));
}

/** What the server says to a request that brings no token. */
async function askedChallenge(
  { fetch }: Pick<Outgoing, 'fetch'>,
  server: URL,
  era: Era | undefined,
): Promise<Result<BearerChallenge, string>> {
  try {
    let challenge = readChallenge(undefined);
    // Some let anybody through to the handshake, and ask for a token with the first list.
    for (const method of ['tools/list', 'initialize'] as const) {
      const spoken: Era = era ?? 'modern';
      const body = method === 'initialize' ? initializeText(1, NO_ABILITIES) : requestText(spoken, 1, method, {});
      const headers = headersOf(method === 'initialize' ? 'legacy' : spoken, {
        method,
        name: undefined,
        parameters: {},
      });
      const response = await fetch(server, { method: 'POST', headers, body });
      await response.body?.cancel();
      challenge = readChallenge(response.headers.get('www-authenticate') ?? undefined);
      if (response.status === 401) break;
    }
    return ok(challenge);
  } catch (fault) {
    return refuse(`it cannot be asked: ${wordsOf(fault)}`);
  }
}
