/** Which era does a server speak? A probe tells, then the handshake of that era (reference: basic/versioning.mdx). */
import { setTimeout as after } from 'node:timers/promises';
import type { Abilities } from '../../domain/abilities.ts';
import type { ListKind, Offers } from '../../domain/downstream.ts';
import { isDeeper, isObject, type JsonObject, type JsonValue } from '../../domain/json.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import { initializeText, requestText } from '../../wire/outgoing.ts';
import { type Era, isLegacyRevision, MODERN } from '../../wire/revisions.ts';
import type { Reply } from './channel.ts';
import type { Peer } from './peer.ts';

/** How long a server may take to be ready. Milliseconds. */
export const READY_WITHIN = 30_000;
/** On stdio a legacy server may be silent to a method it does not know. Milliseconds. */
const SILENT_FOR = 3_000;
/** HeaderMismatch and MissingRequiredClientCapability: errors that only a server of 2026-07-28 gives. */
const MODERN_ERRORS = new Set([-32020, -32021]);
const LISTS = ['tools', 'prompts', 'resources'] as const satisfies readonly ListKind[];

/** Of what a server says of itself so much is kept: characters of its instructions, characters and levels of its capabilities. */
const LONGEST_INSTRUCTIONS = 16 * 1024;
const LARGEST_CAPABILITIES = 256 * 1024;
const DEEPEST_CAPABILITIES = 32;

export interface Agreed {
  readonly era: Era;
  readonly revision: string;
  /** Undefined where the server speaks and will not say: what it has is found out by asking. */
  readonly offers: Offers | undefined;
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

/** How to open the conversation. */
export interface Handshake {
  /** The era, where it is known beforehand; undefined is found out. */
  readonly era: Era | undefined;
  /** What a legacy server is told of the client, once for the whole connection. */
  readonly abilities: Abilities;
}

/**
 * Agrees with a server. On HTTP only an answer is evidence: silence, 401, 403 and 5xx say nothing about an era; on stdio
 * any error and silence mean legacy (basic/versioning.mdx).
 */
export async function agree(
  peer: Peer,
  transport: 'stdio' | 'http',
  { era, abilities }: Handshake,
): Promise<Result<Agreed, NoAgreement>> {
  if (era === 'legacy') return initialize(peer, abilities);
  peer.era = 'modern';
  const probe = peer.request({
    method: 'server/discover',
    text: (id) => requestText('modern', id, 'server/discover', {}),
    ...UNCANCELLED,
  });
  const first = transport === 'stdio' ? await orSilence(probe) : await probe;
  if (era === 'modern') return knownModern(first);
  const modern = modernSays(first);
  if (modern !== undefined) return ok(modern);
  if (first?.kind === 'lost') return refuse({ why: first.why, endedAtProbe: true });
  if (transport === 'http' && !saysLegacy(first))
    return refuse({ why: whyNot(first, 'server/discover'), endedAtProbe: false });
  const legacy = await initialize(peer, abilities);
  if (legacy.ok) return legacy;
  // A modern server that was only slow has answered the probe by now.
  const late = modernSays(await Promise.race([probe, undefined]));
  if (late === undefined) return legacy;
  peer.era = 'modern';
  return ok(late);
}

/** Of a server that is known to be modern, discovery only says what it offers; some refuse it. */
function knownModern(reply: Reply | undefined): Result<Agreed, NoAgreement> {
  if (reply?.kind === 'lost') return refuse({ why: reply.why, endedAtProbe: false });
  return ok(reply?.kind === 'result' && isObject(reply.result) ? modernOf(reply.result) : MODERN_AND_SILENT);
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
  if (reply?.kind === 'error' && MODERN_ERRORS.has(reply.code)) return MODERN_AND_SILENT;
  if (reply?.kind !== 'result' || !isObject(reply.result)) return undefined;
  const { supportedVersions } = reply.result;
  return Array.isArray(supportedVersions) && supportedVersions.includes(MODERN) ? modernOf(reply.result) : undefined;
}

const MODERN_AND_SILENT: Agreed = { era: 'modern', revision: MODERN, offers: undefined, tells: [], subscribes: true };

const modernOf = (discovered: JsonObject): Agreed => ({
  era: 'modern',
  revision: MODERN,
  offers: offersIn(discovered),
  ...noticesIn(discovered['capabilities']),
});

/** `capabilities` and `instructions`, as both handshakes tell them. What is no object, or too much, counts as none. */
function offersIn({ capabilities, instructions }: JsonObject): Offers {
  const isKept =
    isObject(capabilities) &&
    !isDeeper(capabilities, DEEPEST_CAPABILITIES) &&
    JSON.stringify(capabilities).length <= LARGEST_CAPABILITIES;
  return {
    capabilities: isKept ? capabilities : {},
    instructions:
      typeof instructions === 'string' ? instructions.slice(0, LONGEST_INSTRUCTIONS).toWellFormed() : undefined,
  };
}

/** An HTTP server that answers, and not as a modern one, is taken for a legacy one. */
function saysLegacy(reply: Reply | undefined): boolean {
  if (reply === undefined) return false;
  if (reply.kind === 'result') return true;
  const status = reply.kind === 'error' || reply.kind === 'refused' ? reply.status : undefined;
  if (status === undefined || status === 401 || status === 403) return false;
  return reply.kind === 'error' ? status < 500 : status >= 400;
}

async function initialize(peer: Peer, abilities: Abilities): Promise<Result<Agreed, NoAgreement>> {
  peer.era = 'legacy';
  const text = (id: number) => initializeText(id, abilities);
  const reply = await peer.request({ method: 'initialize', text, ...UNCANCELLED });
  const result: JsonObject = reply.kind === 'result' && isObject(reply.result) ? reply.result : {};
  const { protocolVersion: revision, capabilities } = result;
  if (isLegacyRevision(revision)) {
    return ok({ era: 'legacy', revision, offers: offersIn(result), ...noticesIn(capabilities) });
  }
  const why =
    typeof revision === 'string'
      ? `it speaks revision ${revision.slice(0, 40)}, which is not known here`
      : whyNot(reply, 'initialize');
  return refuse({ why, endedAtProbe: false });
}

/** What a server's capabilities say of the notices that it sends. */
function noticesIn(capabilities: JsonValue | undefined): Pick<Agreed, 'tells' | 'subscribes'> {
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
