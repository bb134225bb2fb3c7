/** Which era does a server speak? A probe tells, then the handshake of that era (reference: basic/versioning.mdx). */
import { setTimeout as after } from 'node:timers/promises';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { ListKind } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { initializeText, requestText } from '../wire/outgoing.ts';
import { type Era, isLegacyRevision, MODERN } from '../wire/revisions.ts';
import type { Reply } from './channel.ts';
import type { Peer } from './peer.ts';

/** How long a server may take to be ready. Milliseconds. */
export const READY_WITHIN = 30_000;
/** On stdio a legacy server may be silent to a method it does not know. Milliseconds. */
const SILENT_FOR = 3_000;
/** HeaderMismatch and MissingRequiredClientCapability: errors that only a server of 2026-07-28 gives. */
const MODERN_ERRORS = new Set([-32020, -32021]);
const LISTS = ['tools', 'prompts', 'resources'] as const satisfies readonly ListKind[];

export interface Agreed {
  readonly era: Era;
  readonly revision: string;
  /** The lists that it tells the changes of. */
  readonly tells: readonly ListKind[];
  /** Whether it tells the changes of single resources to who subscribes. */
  readonly subscribes: boolean;
}

export interface NoAgreement {
  /** A sentence without a full stop. */
  readonly why: string;
  /** The server ended at the probe: some do at any request before `initialize`. */
  readonly endedAtProbe: boolean;
}

/**
 * Agrees with a server. On HTTP only an answer is evidence: silence, 401, 403 and 5xx say nothing about an era; on stdio
 * any error and silence mean legacy (basic/versioning.mdx). `skipProbe` where the server is known to be legacy.
 */
export async function agree(
  peer: Peer,
  transport: 'stdio' | 'http',
  skipProbe: boolean,
): Promise<Result<Agreed, NoAgreement>> {
  if (skipProbe) return initialize(peer);
  peer.era = 'modern';
  const probe = peer.request({
    method: 'server/discover',
    text: (id) => requestText('modern', id, 'server/discover', {}),
    ...UNCANCELLED,
  });
  const first = transport === 'stdio' ? await orSilence(probe) : await probe;
  const modern = modernSays(first);
  if (modern !== undefined) return ok(modern);
  if (first?.kind === 'lost') return refuse({ why: first.why, endedAtProbe: true });
  if (transport === 'http' && !saysLegacy(first))
    return refuse({ why: whyNot(first, 'server/discover'), endedAtProbe: false });
  const legacy = await initialize(peer);
  if (legacy.ok) return legacy;
  // A modern server that was only slow has answered the probe by now.
  const late = modernSays(await Promise.race([probe, undefined]));
  if (late === undefined) return legacy;
  peer.era = 'modern';
  return ok(late);
}

const UNCANCELLED = { within: READY_WITHIN, late: `no answer within ${READY_WITHIN / 1000} s`, cancellable: false };

async function orSilence(probe: Promise<Reply>): Promise<Reply | undefined> {
  const answered = new AbortController();
  const silence = after(SILENT_FOR, undefined, { signal: answered.signal }).catch(() => undefined);
  const first = await Promise.race([probe, silence]);
  answered.abort();
  return first;
}

/** A clean answer is no proof: `supportedVersions` must hold 2026-07-28. */
function modernSays(reply: Reply | undefined): Agreed | undefined {
  if (reply?.kind === 'error' && MODERN_ERRORS.has(reply.code)) {
    return { era: 'modern', revision: MODERN, tells: [], subscribes: false };
  }
  if (reply?.kind !== 'result' || !isObject(reply.result)) return undefined;
  const { supportedVersions, capabilities } = reply.result;
  return Array.isArray(supportedVersions) && supportedVersions.includes(MODERN)
    ? { era: 'modern', revision: MODERN, ...notices(capabilities) }
    : undefined;
}

/** An HTTP server that answers, and not as a modern one, is taken for a legacy one. */
function saysLegacy(reply: Reply | undefined): boolean {
  if (reply === undefined) return false;
  if (reply.kind === 'result') return true;
  const status = reply.kind === 'error' || reply.kind === 'refused' ? reply.status : undefined;
  if (status === undefined || status === 401 || status === 403) return false;
  return reply.kind === 'error' ? status < 500 : status >= 400;
}

async function initialize(peer: Peer): Promise<Result<Agreed, NoAgreement>> {
  peer.era = 'legacy';
  const reply = await peer.request({ method: 'initialize', text: initializeText, ...UNCANCELLED });
  const result: JsonObject = reply.kind === 'result' && isObject(reply.result) ? reply.result : {};
  const { protocolVersion: revision, capabilities } = result;
  if (isLegacyRevision(revision)) return ok({ era: 'legacy', revision, ...notices(capabilities) });
  const why =
    typeof revision === 'string'
      ? `it speaks revision ${revision.slice(0, 40)}, which is not known here`
      : whyNot(reply, 'initialize');
  return refuse({ why, endedAtProbe: false });
}

/** What a server's capabilities say of the notices that it sends. */
function notices(capabilities: JsonValue | undefined): Pick<Agreed, 'tells' | 'subscribes'> {
  const says = (list: ListKind, what: string): boolean => {
    const declared = isObject(capabilities) ? capabilities[list] : undefined;
    return isObject(declared) && declared[what] === true;
  };
  return { tells: LISTS.filter((list) => says(list, 'listChanged')), subscribes: says('resources', 'subscribe') };
}

/** Why a reply is of no use, as a sentence without a full stop. */
export function whyNot(reply: Reply | undefined, method: string): string {
  switch (reply?.kind) {
    case 'error':
      return `it answered ${method} with error ${reply.code}: ${reply.message.slice(0, 300)}`;
    case 'refused':
      return `it answered ${method} with HTTP ${reply.status}`;
    case 'forgotten':
      return 'it forgot the session';
    case 'lost':
    case 'withheld':
      return reply.why;
    default:
      return `its answer to ${method} is not valid`;
  }
}
