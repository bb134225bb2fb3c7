/** Who may knock: Host and Origin (DNS rebinding), the URL, the content's form. Judged before a byte of the body is read. */
import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Route } from '../domain/call.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { PARSE_ERROR } from '../wire/faults.ts';
import { MODERN } from '../wire/revisions.ts';

/** A refusal at the door, before there is a message. */
export interface Closed {
  readonly status: number;
  readonly message: string;
  /** Of JSON-RPC, where the status does not say it. */
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const LOOPBACK_NAMES = new Set(['localhost', '127.0.0.1', '[::1]']);

/** True for `localhost:7411` and its like. */
function isLoopbackHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return LOOPBACK_NAMES.has(name);
}

function isLoopbackOrigin(origin: string): boolean {
  const url = URL.parse(origin);
  return url !== null && (url.protocol === 'http:' || url.protocol === 'https:') && isLoopbackHost(url.host);
}

/** The name that callers from elsewhere know us by; undefined where there are none. */
export interface PublicSite {
  /** As they say it in `Host`. */
  readonly host: string;
  readonly origin: string;
}

/** Checks all that the head of a request tells, and reads the route out of its path. */
export function judgeHead(request: IncomingMessage, site: PublicSite | undefined): Result<Route, Closed> {
  const { headers } = request;
  const stranger = judgeSite(headers, site);
  if (stranger !== undefined) return refuse(stranger);
  const route = routeOf(request.url ?? '');
  if (route === undefined) return refuse({ status: 404, message: 'Not found: the MCP endpoint is /mcp' });
  if (request.method === 'GET' && asksForStream(headers)) return ok(route);
  if (request.method === 'DELETE' && namesSession(headers)) return ok(route);
  if (request.method !== 'POST') {
    return refuse({
      status: 405,
      message: 'Method not allowed: POST one JSON-RPC message',
      headers: { allow: 'POST' },
    });
  }
  const form = judgeJson(headers);
  return form === undefined ? ok(route) : refuse(form);
}

/** What is wrong with where a request comes from and goes to. */
export function judgeSite(headers: IncomingHttpHeaders, site: PublicSite | undefined): Closed | undefined {
  const { origin } = headers;
  if (!isOwnHost(headers.host, site)) return { status: 421, message: 'Host must be this machine (localhost)' };
  if (origin !== undefined && !isLoopbackOrigin(origin) && origin !== site?.origin)
    return { status: 403, message: 'Origin is not allowed' };
  return undefined;
}

/** A page of another name that resolves to us carries another Host. */
export const isOwnHost = (host: string | undefined, site: PublicSite | undefined): boolean =>
  isLoopbackHost(host) || (site !== undefined && host?.toLowerCase() === site.host);

/** What is wrong with how a token is brought (RFC 6750, section 2): in the URL others read it, and of two nobody knows which counts. */
export function bearingTrouble({ url = '', rawHeaders }: IncomingMessage): string | undefined {
  if (/[?&]access_token=/.test(url)) return 'it stands in the URL, and not in Authorization: Bearer';
  let authorizations = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') authorizations++;
  }
  return authorizations > 1 ? 'there are two Authorization headers' : undefined;
}

/** What is wrong with the form of a body, which is plain JSON. */
export function judgeJson(headers: IncomingHttpHeaders): Closed | undefined {
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return { status: 415, message: 'Content-Type must be application/json' };
  if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity')
    return { status: 415, message: 'Content-Encoding is not accepted' };
  return undefined;
}

/** Clients of 2026-07-28 have no sessions. */
const namesSession = (headers: IncomingHttpHeaders): boolean =>
  headers['mcp-session-id'] !== undefined && headers['mcp-protocol-version'] !== MODERN;

/** GET is for clients of the legacy era alone, who have a session and take event streams. */
const asksForStream = (headers: IncomingHttpHeaders): boolean =>
  namesSession(headers) && /\btext\/event-stream\b/i.test(headers.accept ?? '');

const SEGMENT = /^[A-Za-z0-9_-]{1,128}$/;

/** `/mcp`, `/mcp/p/PROFILE` or `/mcp/SESSION`; nothing in the query. */
export function routeOf(url: string): Route | undefined {
  const [root, ...rest] = url.split('/').slice(1);
  if (root !== 'mcp' || !rest.every((segment) => SEGMENT.test(segment))) return undefined;
  const [first, second] = rest;
  if (rest.length === 0) return { profile: undefined, session: undefined, folder: undefined };
  if (rest.length === 1) return { profile: undefined, session: first, folder: undefined };
  return rest.length === 2 && first === 'p' ? { profile: second, session: undefined, folder: undefined } : undefined;
}

/** The largest body taken, in bytes. */
export const LARGEST_BODY = 4 * 1024 * 1024;

/** The body as text, of at most `largest` bytes and strictly UTF-8. Rejects when the caller goes away before its end. */
export function readBody(request: IncomingMessage, largest = LARGEST_BODY): Promise<Result<string, Closed>> {
  if (Number(request.headers['content-length'] ?? 0) > largest) return Promise.resolve(refuse(tooLarge(largest)));
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((read, gone) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > largest) {
        request.pause();
        read(refuse(tooLarge(largest)));
      } else chunks.push(chunk);
    });
    request.once('end', () => read(decoded(chunks)));
    request.once('error', gone);
  });
}

const tooLarge = (largest: number): Closed => ({
  status: 413,
  message: `The body is larger than ${largest / 1024 / 1024} MiB`,
  headers: { connection: 'close' },
});

const NOT_UTF8: Closed = { status: 400, code: PARSE_ERROR, message: 'Parse error: the body is not UTF-8' };

function decoded(chunks: readonly Buffer[]): Result<string, Closed> {
  const [first] = chunks;
  const body = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
  return isUtf8(body) ? ok(body.toString('utf8')) : refuse(NOT_UTF8);
}
