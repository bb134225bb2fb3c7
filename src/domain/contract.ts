/** Contract: what the operator says of a tool, a prompt or resources. What is unsaid is the worst case. */
import type { Amounts } from './budget.ts';
import type { JsonObject } from './json.ts';
import type { Reach } from './label.ts';
import type { TargetKind } from './operation.ts';

export const EFFECTS = ['read', 'draft', 'write', 'irreversible'] as const;
export type Effect = (typeof EFFECTS)[number];

export interface Contract {
  readonly kind: TargetKind;
  readonly server: string;
  /** The server's own name of the tool or prompt; the URI of a resource, or in a policy the pattern of URIs. */
  readonly name: string;
  readonly effect: Effect;
  readonly can: string | undefined;
  readonly cannot: string | undefined;
  /** One call's charges beside `calls: 1`; `spend` in millionths of the currency. */
  readonly charges: Amounts;
  /** Names within a result, from the outermost in, where it says what it cost; `spend` is then the most it may. */
  readonly spendFrom: readonly string[] | undefined;
  /** The class of what it spends, of those that the budget orders; undefined where it says none. */
  readonly spendClass: string | undefined;
  /** What a session has touched once this was called. */
  readonly labels: readonly string[];
  /** How far what a call carries may go. */
  readonly sendsTo: Reach;
  /** What a credential for it must be for, in the words of the server's issuer. */
  readonly scopes: readonly string[];
  /** Whether agents see it and may call it. */
  readonly visible: boolean;
  /** How long one exchange may take, in milliseconds. */
  readonly timeout: number;
}

/** A target in one word or two: `crm.send_reply` (a tool, as policies write it), `prompt crm.summary`, `resource crm URI`. */
export function targetOf({ kind, server, name }: Pick<Contract, 'kind' | 'server' | 'name'>): string {
  if (kind === 'tool') return `${server}.${name}`;
  return kind === 'prompt' ? `prompt ${server}.${name}` : `resource ${server} ${name}`;
}

/** Whether these words of `targetOf` are a tool's: no name of a server or tool has a blank in it. */
export const isTool = (target: string): boolean => !target.includes(' ');

/** The server in words of `targetOf`: its name has neither dot nor blank. */
export const serverIn = (target: string): string => /^(?:prompt |resource )?([^. ]*)/.exec(target)?.[1] ?? '';

/** The pin of what is not pinned: a resource is content. */
export const UNPINNED = 'none';

/** A tool or prompt as its server describes it, and the pin: the digest of all it says but for its annotations, which are hints. */
export interface Definition {
  readonly kind: 'tool' | 'prompt';
  readonly server: string;
  readonly name: string;
  readonly description: string | undefined;
  /** Of a prompt, whose arguments are text, made from its list of arguments. */
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject | undefined;
  /** The whole entry of the server's list, as it gave it. */
  readonly raw: JsonObject;
  readonly pin: string;
}
