/** Who calls: issuer, subject, client, actor chain, tenant. The agent is never the person: see `agentOf`. */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
  readonly actors: readonly string[];
  readonly tenant: string;
}

/** Who is authenticated: the principal, and what its proof says beside. Groups, claims and actors do not separate sessions. */
export interface Caller {
  readonly principal: Principal;
  readonly groups: readonly string[];
  /** Of its verified claims those that some profile's `who` names, each as a list of texts; nothing else of a token is kept. */
  readonly tokenClaims: ReadonlyMap<string, readonly string[]>;
  /** What the token was issued for; none on loopback and stdio. */
  readonly scopes: readonly string[];
  /** The one session that the token is for; undefined: any of the principal's own. */
  readonly sid: string | undefined;
}

/** What the API lets the holders of a token do: open sessions, see and change those of their tenant. */
export const SCOPES = ['sessions:create', 'sessions:read', 'sessions:write'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a caller brought to a door, before anybody believed it. */
export type Presented = { readonly door: 'http'; readonly bearer: string | undefined } | { readonly door: 'socket' };

/** The issuer of principals on loopback and stdio. Others are `https:` URLs, so none can pass for it. */
export const LOCAL = 'local';

/** The principal on loopback and stdio: an agent that works for `user`, who is somebody else. */
export const agentOf = (user: string): Principal => ({
  issuer: LOCAL,
  subject: `agent-of:${user}`,
  client: 'local',
  actors: [],
  tenant: 'local',
});

const NO_CLAIMS: Caller['tokenClaims'] = new Map();

/** That agent as a caller: who it is, and nothing beside. */
export const localCaller = (user: string): Caller => ({
  principal: agentOf(user),
  groups: [],
  tokenClaims: NO_CLAIMS,
  scopes: [],
  sid: undefined,
});

/** The person `user` at this machine, who is nobody's agent: what no door of MCP lets in. */
export const personCaller = (user: string): Caller => ({
  principal: { issuer: LOCAL, subject: user, client: 'local', actors: [], tenant: 'local' },
  groups: [],
  tokenClaims: NO_CLAIMS,
  scopes: SCOPES,
  sid: undefined,
});

/** Whether what belongs to one is the other's: issuer, subject, client and tenant are the same, whoever acts for them. */
export const isSamePrincipal = (one: Principal, other: Principal): boolean =>
  one.issuer === other.issuer &&
  one.subject === other.subject &&
  one.client === other.client &&
  one.tenant === other.tenant;

/** One readable name for a principal, for people and journals. */
export const nameOf = (principal: Pick<Principal, 'issuer' | 'subject'>): string =>
  `${principal.issuer}:${principal.subject}`;
