/** How clients wait, in milliseconds: what is known of them, as data. */

export interface Patience {
  /** How long one open request is borne. */
  readonly wait: number;
  /** How often a client of rounds is let come back to wait on: SDK clients and Claude Code give up after ten rounds in all. */
  readonly rounds: number;
}

/** By the name that a client gives itself. Who bears a long wait needs no rounds. */
const KNOWN: readonly (readonly [name: RegExp, patience: Patience])[] = [
  [/^claude-code/i, { wait: 600_000, rounds: 1 }],
  [/^(visual studio code|vscode)/i, { wait: 600_000, rounds: 1 }],
  [/^cursor/i, { wait: 240_000, rounds: 1 }],
  [/^mcpc/i, { wait: 240_000, rounds: 1 }],
];

/** Claude Desktop, claude.ai, ChatGPT and whoever is not known: SDK clients give up at 60 s. */
const UNKNOWN: Patience = { wait: 45_000, rounds: 8 };

export const patienceOf = (clientName: string): Patience =>
  KNOWN.find(([name]) => name.test(clientName))?.[1] ?? UNKNOWN;

/** A stream that waits says so this often: the tightest idle clock known is 60 s, the best advice 10 to 15 s. */
export const HEARTBEAT = 10_000;
