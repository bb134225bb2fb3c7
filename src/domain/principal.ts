/** Who calls: issuer, subject, client, actor chain, tenant. The agent is never the person: see `agentOf`. */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
  readonly actors: readonly string[];
  readonly tenant: string;
}

/** What a caller brought to a door, before anybody believed it. */
export type Presented = { readonly door: 'http'; readonly bearer: string | undefined } | { readonly door: 'socket' };

/** The principal on loopback and stdio: an agent that works for `user`, who is somebody else. */
export const agentOf = (user: string): Principal => ({
  issuer: 'local',
  subject: `agent-of:${user}`,
  client: 'local',
  actors: [],
  tenant: 'local',
});

/** One readable name for a principal, for people and journals. */
export const nameOf = (principal: Principal): string => `${principal.issuer}:${principal.subject}`;
