/** MCP 2026-07-28 as a server speaks it: every request carries its own envelope, nothing is remembered between two. */
import type { Abilities } from '../domain/abilities.ts';
import type { Offers } from '../domain/downstream.ts';
import type { LogLevel } from '../domain/exchange.ts';
import { isObject, type JsonObject } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { readAbilities } from './abilities.ts';
import { invalidParams, UNSUPPORTED_VERSION, type WireFault } from './faults.ts';
import { isLogLevel } from './log-level.ts';
import type { Request } from './message.ts';
import { MODERN } from './revisions.ts';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
const CLIENT_KEY = 'io.modelcontextprotocol/clientInfo';
const LOG_LEVEL_KEY = 'io.modelcontextprotocol/logLevel';
const SERVER_KEY = 'io.modelcontextprotocol/serverInfo';

export interface Client {
  readonly name: string;
  readonly version: string;
}

/** What a request says of its client. */
export interface Envelope {
  readonly client: Client;
  readonly abilities: Abilities;
  /** Undefined wants no logs. */
  readonly logLevel: LogLevel | undefined;
}

/** A request with an envelope is modern, whatever came before it on the connection. */
export const isModern = (meta: JsonObject): boolean =>
  meta[VERSION_KEY] !== undefined || meta[CAPABILITIES_KEY] !== undefined;

/** The revision that a request says it is of; undefined where it says none. */
export function versionOf(meta: JsonObject): string | undefined {
  const revision = meta[VERSION_KEY];
  return typeof revision === 'string' ? revision : undefined;
}

export function readEnvelope({ id, meta }: Request): Result<Envelope, WireFault> {
  const revision = versionOf(meta);
  if (revision === undefined) return refuse(invalidParams(id, `_meta["${VERSION_KEY}"] is required`));
  if (revision !== MODERN) {
    return refuse({
      id,
      code: UNSUPPORTED_VERSION,
      message: `Unsupported protocol version`,
      data: { supported: [MODERN], requested: revision },
      status: 400,
    });
  }
  const capabilities = meta[CAPABILITIES_KEY];
  if (!isObject(capabilities)) return refuse(invalidParams(id, `_meta["${CAPABILITIES_KEY}"] is required`));
  const level = meta[LOG_LEVEL_KEY];
  return ok({
    client: readClient(meta[CLIENT_KEY]),
    abilities: readAbilities(capabilities, MODERN),
    logLevel: isLogLevel(level) ? level : undefined,
  });
}

/** Self-reported, for display and journals: cut short, never believed. */
export function readClient(claimed: unknown): Client {
  const said = isObject(claimed) ? claimed : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 100) : 'unknown');
  return { name: text(said['name']), version: text(said['version']) };
}

/** A result in modern dress: whole, unless it says otherwise. */
export const complete = (result: JsonObject, server: Client): JsonObject => ({
  resultType: 'complete',
  ...result,
  _meta: { ...(isObject(result['_meta']) ? result['_meta'] : {}), [SERVER_KEY]: { ...server } },
});

/** Caching hints: what is answered depends on who asks, so nobody else may keep it. */
export const PRIVATE_AND_STALE = { ttlMs: 0, cacheScope: 'private' } as const;

export const discoverResult = ({ capabilities, instructions }: Offers): JsonObject => ({
  supportedVersions: [MODERN],
  capabilities,
  instructions,
  ...PRIVATE_AND_STALE,
});
