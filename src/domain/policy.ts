/** What a compiled policy offers the path. The file's format and its compiler are in `src/policy`. */
import type { Amounts } from './budget.ts';
import type { Contract, Definition } from './contract.ts';
import type { JsonObject } from './json.ts';

/** Why a person must be asked. All needs of one call become one hold. */
export interface Need {
  readonly kind: 'rule';
  /** The rule that asks, by id or path: `outbox.send.approval`, `outbox.send.cases.large`. */
  readonly rule: string;
  readonly reason: string | undefined;
}

export type Judgement =
  | { readonly verdict: 'allow'; readonly rules: readonly string[]; readonly needs: readonly Need[] }
  | {
      readonly verdict: 'deny';
      readonly rules: readonly string[];
      /** What is wrong, in one sentence without a full stop. */
      readonly reason: string;
      /** What the agent may do instead. */
      readonly remedy: string | undefined;
    };

/** One tool of a profile: its contract and the rules that judge its calls. */
export interface ToolPolicy {
  readonly contract: Contract;
  /** Digest of the rules that judge this tool; a hold is bound to it. */
  readonly digest: string;
  /** Whether some call of this tool may be held. */
  readonly canHold: boolean;
  /** What the rules ask of a call, and when a person must approve: one sentence each, for the agent to read. */
  readonly restrictions: readonly string[];
  /** Judges effective arguments. Pure. */
  judge(effective: JsonObject): Judgement;
  /** Problems of these rules with the tool as its server describes it (an argument it does not have): one line each. */
  misfits(definition: Definition): readonly string[];
}

/** How a server is reached. */
export type ServerAddress =
  | {
      readonly kind: 'stdio';
      readonly command: readonly [string, ...string[]];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | { readonly kind: 'http'; readonly url: string };

export type Servers = ReadonlyMap<string, ServerAddress>;

/** The part of the policy that an agent works under. */
export interface Profile {
  readonly name: string;
  /** Where it was read, and its text by digest, so that a journal can say which policy applied. */
  readonly file: string;
  readonly text: string;
  readonly digest: string;
  readonly servers: Servers;
  /** By `server.tool`. */
  readonly tools: ReadonlyMap<string, ToolPolicy>;
  readonly caps: Amounts;
  /** ISO 4217 code of `spend`. */
  readonly currency: string;
}
