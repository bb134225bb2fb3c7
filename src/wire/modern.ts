/** MCP 2026-07-28 as a server speaks it: every request carries its own envelope, nothing is remembered between two. */
import { isObject, type JsonObject } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { INVALID_PARAMS, UNSUPPORTED_VERSION, type WireFault } from './faults.ts';
import type { Request } from './message.ts';
import { MODERN } from './revisions.ts';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
const CLIENT_KEY = 'io.modelcontextprotocol/clientInfo';
const SERVER_KEY = 'io.modelcontextprotocol/serverInfo';

export interface Client {
  readonly name: string;
  readonly version: string;
}

/** A request with an envelope is modern, whatever came before it on the connection. */
export const isModern = (meta: JsonObject): boolean =>
  meta[VERSION_KEY] !== undefined || meta[CAPABILITIES_KEY] !== undefined;

export function readEnvelope(request: Request): Result<Client, WireFault> {
  const revision = request.meta[VERSION_KEY];
  if (typeof revision !== 'string') return missing(request, VERSION_KEY);
  if (revision !== MODERN) {
    return refuse({
      id: request.id,
      code: UNSUPPORTED_VERSION,
      message: `Unsupported protocol version`,
      data: { supported: [MODERN], requested: revision },
      status: 400,
    });
  }
  if (!isObject(request.meta[CAPABILITIES_KEY])) return missing(request, CAPABILITIES_KEY);
  return ok(readClient(request.meta[CLIENT_KEY]));
}

/** Self-reported, for display and journals: cut short, never believed. */
export function readClient(claimed: unknown): Client {
  const said = isObject(claimed) ? claimed : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 100) : 'unknown');
  return { name: text(said['name']), version: text(said['version']) };
}

const missing = (request: Request, key: string): Result<never, WireFault> =>
  refuse({ id: request.id, code: INVALID_PARAMS, message: `Invalid params: _meta["${key}"] is required`, status: 400 });

/** A whole result in modern dress. */
export const complete = (result: JsonObject, server: Client): JsonObject => ({
  resultType: 'complete',
  ...result,
  _meta: { ...(isObject(result['_meta']) ? result['_meta'] : {}), [SERVER_KEY]: { ...server } },
});

/** Caching hints: a list depends on who asks, so nobody else may keep it. */
export const PRIVATE_AND_STALE = { ttlMs: 0, cacheScope: 'private' } as const;

export const discoverResult = (server: Client, instructions: string): JsonObject =>
  complete({ supportedVersions: [MODERN], capabilities: { tools: {} }, instructions, ...PRIVATE_AND_STALE }, server);
