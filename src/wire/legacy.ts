/**
 * MCP up to 2025-11-25 as a server speaks it. `Mcp-Session-Id` is not a memory but a sealed note: what `initialize`
 * settled.
 */
import { type Abilities, ELICITATION_MODES, NO_ABILITIES } from '../domain/abilities.ts';
import type { Offers } from '../domain/downstream.ts';
import { isObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import { readAbilities } from './abilities.ts';
import { type Client, readClient } from './modern.ts';
import { isLegacyRevision, NEWEST_LEGACY } from './revisions.ts';
import { openNote, type Seal, sealNote } from './seal.ts';

/** What `initialize` settled. */
export interface Handshake {
  readonly revision: string;
  readonly client: Client;
  readonly abilities: Abilities;
}

const STRANGER: Client = { name: 'unknown', version: 'unknown' };

/** A client that has not said who it is: before `initialize`, or without a session. */
export const UNMET: Handshake = { revision: NEWEST_LEGACY, client: STRANGER, abilities: NO_ABILITIES };

export function readInitialize(params: JsonObject): Handshake {
  const asked = params['protocolVersion'];
  const revision = isLegacyRevision(asked) ? asked : NEWEST_LEGACY;
  return {
    revision,
    client: readClient(params['clientInfo']),
    abilities: readAbilities(params['capabilities'], revision),
  };
}

export const initializeResult = ({ revision }: Handshake, server: Client, offers: Offers): JsonObject => ({
  protocolVersion: revision,
  capabilities: offers.capabilities,
  serverInfo: { ...server },
  instructions: offers.instructions,
});

/** The longest id, in characters: clients and proxies carry headers of this length. */
const LONGEST_ID = 1024;
const PURPOSE = 'mcp-session-id 2';

/** The `Mcp-Session-Id` for a handshake. `unique` separates two connections of one client. */
export function sealHandshake({ revision, client, abilities }: Handshake, unique: string, seal: Seal): string {
  const note = (who: Client, ui: JsonObject | undefined): string => {
    const shown = ui === undefined ? [] : [ui];
    return sealNote(PURPOSE, [unique, revision, who.name, who.version, flagsOf(abilities), ...shown], seal);
  };
  const shortened = [note(client, abilities.ui), note(client, undefined)].find((id) => id.length <= LONGEST_ID);
  return shortened ?? note(STRANGER, undefined);
}

/** What a sealed id says; undefined where it is not ours or was given to somebody else. */
export function openHandshake(id: string, seal: Seal): Handshake | undefined {
  const note = id.length > LONGEST_ID ? undefined : openNote(PURPOSE, id, seal);
  if (!Array.isArray(note)) return undefined;
  const [, revision, name, version, flags, ui] = note as readonly JsonValue[];
  return {
    revision: String(revision),
    client: { name: String(name), version: String(version) },
    abilities: abilitiesOf(String(flags), isObject(ui) ? ui : undefined),
  };
}

/** Abilities in a few letters; what a client shows stands beside them. */
const flagsOf = ({ elicitation, sampling, roots }: Abilities): string =>
  [
    ...elicitation.map((mode) => mode.charAt(0)),
    sampling === undefined ? '' : 's',
    sampling?.tools === true ? 't' : '',
    roots ? 'r' : '',
  ].join('');

const abilitiesOf = (flags: string, ui: JsonObject | undefined): Abilities =>
  flags === '' && ui === undefined
    ? NO_ABILITIES
    : {
        elicitation: ELICITATION_MODES.filter((mode) => flags.includes(mode.charAt(0))),
        sampling: flags.includes('s') ? { tools: flags.includes('t') } : undefined,
        roots: flags.includes('r'),
        ui,
      };
