/** Contract: what the operator says of a tool. What is unsaid is the worst case. */
import type { Amounts } from './budget.ts';
import type { JsonObject } from './json.ts';

export const EFFECTS = ['read', 'draft', 'write', 'irreversible'] as const;
export type Effect = (typeof EFFECTS)[number];

export interface Contract {
  readonly server: string;
  readonly tool: string;
  readonly effect: Effect;
  readonly can: string | undefined;
  readonly cannot: string | undefined;
  /** One call's charges beside `calls: 1`; `spend` in millionths of the currency. */
  readonly charges: Amounts;
  /** How long one exchange may take, in milliseconds. */
  readonly timeout: number;
}

/** `server.tool`, as policies write it. */
export const targetOf = (contract: Pick<Contract, 'server' | 'tool'>): string => `${contract.server}.${contract.tool}`;

/** A tool as its server describes it, and the pin: the digest of everything in it that a model may read. */
export interface Definition {
  readonly server: string;
  readonly tool: string;
  readonly description: string | undefined;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject | undefined;
  /** The whole entry of `tools/list`, as the server gave it. */
  readonly raw: JsonObject;
  readonly pin: string;
}
