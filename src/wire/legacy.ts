/**
 * MCP up to 2025-11-25 as a server speaks it. `Mcp-Session-Id` is not a memory but a sealed note: what `initialize`
 * settled, under our own key. So a restarted gateway knows its clients, and nobody can write an id of their own.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { JsonObject } from '../domain/json.ts';
import { type Client, readClient } from './modern.ts';
import { isLegacyRevision, NEWEST_LEGACY } from './revisions.ts';

/** What `initialize` settled. */
export interface Handshake {
  readonly revision: string;
  readonly client: Client;
}

export const readInitialize = (params: JsonObject): Handshake => ({
  revision: isLegacyRevision(params['protocolVersion']) ? params['protocolVersion'] : NEWEST_LEGACY,
  client: readClient(params['clientInfo']),
});

export const initializeResult = (handshake: Handshake, server: Client, instructions: string): JsonObject => ({
  protocolVersion: handshake.revision,
  capabilities: { tools: {} },
  serverInfo: { ...server },
  instructions,
});

/** Binds a sealed id to the caller and the URL it was given for, so that it is worth nothing elsewhere. */
export interface Seal {
  readonly key: Uint8Array;
  readonly boundTo: string;
}

/** The `Mcp-Session-Id` for a handshake. `unique` separates two connections of one client. */
export function sealHandshake(handshake: Handshake, unique: string, seal: Seal): string {
  const note = Buffer.from(
    JSON.stringify([unique, handshake.revision, handshake.client.name, handshake.client.version]),
  ).toString('base64url');
  return `${note}.${mac(note, seal)}`;
}

/** What a sealed id says; undefined where it is not ours or was given to somebody else. */
export function openHandshake(id: string, seal: Seal): Handshake | undefined {
  const [note, given, ...rest] = id.split('.');
  if (note === undefined || given === undefined || rest.length > 0 || id.length > 1024) return undefined;
  const expected = Buffer.from(mac(note, seal));
  const offered = Buffer.from(given);
  if (expected.length !== offered.length || !timingSafeEqual(expected, offered)) return undefined;
  const [, revision, name, version] = JSON.parse(Buffer.from(note, 'base64url').toString('utf8')) as string[];
  return { revision: revision ?? NEWEST_LEGACY, client: { name: name ?? 'unknown', version: version ?? 'unknown' } };
}

const mac = (note: string, seal: Seal): string =>
  createHmac('sha256', seal.key).update(`mcp-session-id 1\n${seal.boundTo}\n${note}`).digest('base64url');
