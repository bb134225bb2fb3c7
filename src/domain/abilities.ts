/** What a client can be asked and shown: as it declares, as a policy allows a server, or both. MCP calls it client capabilities. */
import type { JsonObject } from './json.ts';

export const ELICITATION_MODES = ['form', 'url'] as const;
export type ElicitationMode = (typeof ELICITATION_MODES)[number];

export interface Abilities {
  readonly elicitation: readonly ElicitationMode[];
  /** Undefined: cannot be asked for a completion of its model. */
  readonly sampling: { readonly tools: boolean } | undefined;
  readonly roots: boolean;
  /** The settings of the extension `io.modelcontextprotocol/ui` (MCP Apps); undefined where it shows none. */
  readonly ui: JsonObject | undefined;
  /** Takes a task for the answer of a tool (`io.modelcontextprotocol/tasks`), and comes back for its end; unsaid is no. */
  readonly tasks?: boolean | undefined;
}

export const NO_ABILITIES: Abilities = { elicitation: [], sampling: undefined, roots: false, ui: undefined };

/** What a policy lets a server ask of the client; unsaid is nothing. */
export interface Asks {
  readonly elicitation: readonly ElicitationMode[];
  /** At most so many in a session, each for at most so many tokens. */
  readonly sampling: { readonly max: number; readonly maxTokens: number } | undefined;
  readonly roots: boolean;
}

/** What the client can do and the policy allows. What a client shows and how it waits is no question: no policy is asked. */
export function askable(client: Abilities, asks: Asks | undefined): Abilities {
  const { ui, tasks } = client;
  if (asks === undefined) return ui === undefined && !tasks ? NO_ABILITIES : { ...NO_ABILITIES, ui, tasks };
  return {
    elicitation: client.elicitation.filter((mode) => asks.elicitation.includes(mode)),
    sampling: asks.sampling === undefined ? undefined : client.sampling,
    roots: client.roots && asks.roots,
    ui,
    tasks,
  };
}

export const canBeAsked = (abilities: Abilities): boolean =>
  abilities.elicitation.length > 0 || abilities.sampling !== undefined || abilities.roots;
