/** How long a client is known to bear an open call, in milliseconds: what is known of clients, as data. */
const KNOWN: readonly (readonly [name: RegExp, wait: number])[] = [
  [/^claude-code/i, 600_000],
  [/^(visual studio code|vscode)/i, 600_000],
  [/^cursor/i, 240_000],
];

/** Claude Desktop, claude.ai, ChatGPT and whoever is not known: SDK clients give up at 60 s. */
const UNKNOWN = 45_000;

export const patienceOf = (clientName: string): number => KNOWN.find(([name]) => name.test(clientName))?.[1] ?? UNKNOWN;

/** A stream that waits says so this often: the tightest idle clock known is 60 s, the best advice 10 to 15 s. */
export const HEARTBEAT = 10_000;
