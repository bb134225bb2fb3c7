/** The step that finds what a call is for, before servers whose lists a test writes. */

import type { InSession, Received } from '../../../src/domain/call.ts';
import type { Definition } from '../../../src/domain/contract.ts';
import type { Lock, LockedServer } from '../../../src/domain/lock.ts';
import { namesOf } from '../../../src/domain/names.ts';
import type { Ledger } from '../../../src/domain/ports.ts';
import { resolveTarget } from '../../../src/stages/resolve-target.ts';
import { definitionOf, HEAD, lockOf, profileOf } from '../../policy/policy-text.ts';
import { NO_CREDENTIALS } from '../../support/path.ts';
import { AT, type Desk, passed } from './desk.ts';
import { type Listing, listedServers } from './listing.ts';

const SCHEMA = {
  type: 'object',
  properties: { to: { type: 'string', 'x-mcp-header': 'To' }, n: { type: 'number', default: 7 } },
  additionalProperties: false,
};
export const ACT = definitionOf(SCHEMA);
export const ASK: Definition = { ...definitionOf({ ...SCHEMA, required: ['to'] }), kind: 'prompt', name: 'ask' };
export const CRM = { crm: { definitions: [ACT, ASK] } };

export const CRM_ONLY = 'servers: { crm: { command: [node, crm.js] } }\n';
export const SERVERS = 'servers: { crm: { command: [node, crm.js] }, desk: { command: [node, desk.js] } }\n';
export const POLICY = `${HEAD}${SERVERS}tools: { crm.act: { effect: write }, crm.hidden: { visible: false }, desk.lay: {} }
prompts: [{ server: crm, name: ask }, { server: crm, name: gone }]
`;
/** A lock of the server `crm` alone. */
export function lockWith(definitions: readonly Definition[], rest: Partial<LockedServer> = {}): Lock {
  const lock = lockOf([]);
  const crm = lock.servers.get('crm');
  if (crm === undefined) throw new Error('the lock has no crm');
  return { ...lock, servers: new Map([['crm', { ...crm, definitions, ...rest }]]) };
}

export const stepOn = (ledger: Ledger, { downstream }: Pick<ReturnType<typeof listedServers>, 'downstream'>) =>
  resolveTarget({
    ledger,
    downstream,
    credentials: NO_CREDENTIALS,
    names: (profile) => passed(namesOf(profile)),
    now: () => AT,
  });

type Given = Partial<Received> & Partial<Pick<InSession, 'profile' | 'principal' | 'scopes'>>;

/** In a session of its own at this desk, under `POLICY` where a call names no other profile. */
export async function resolving(
  one: Desk,
  servers: Readonly<Record<string, Listing>>,
  changed: readonly Definition[] = [],
) {
  const call: InSession = await one.resolved();
  const listed = listedServers(servers, changed);
  const step = stepOn(one.ledger, listed);
  const profile = profileOf(POLICY);
  return { ...one, ...listed, session: call.session, resolve: (rest: Given) => step({ ...call, profile, ...rest }) };
}
