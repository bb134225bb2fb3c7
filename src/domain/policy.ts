/** What a compiled policy offers the path. The file's format and its compiler are in `src/policy`. */
import type { Asks } from './abilities.ts';
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

/** One tool or prompt of a profile, or some resources of a server: the contract and the rules that judge its calls. */
export interface TargetPolicy {
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

/** Resources of one server, by a pattern of URIs. */
export interface ResourcePolicy extends TargetPolicy {
  /** Whether this very URI is meant. False for one that two readers could read two ways (dot segments, coded slashes). */
  matches(uri: string): boolean;
  /** How many of the URIs that a template (RFC 6570) can make are meant. */
  covers(template: string): 'all' | 'some' | 'none';
}

/** How a server is reached. */
export type ServerAddress =
  | {
      readonly kind: 'stdio';
      readonly command: readonly [string, ...string[]];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
      /** The era it speaks; undefined is found out. */
      readonly era: 'modern' | 'legacy' | undefined;
    }
  | { readonly kind: 'http'; readonly url: string; readonly era: 'modern' | 'legacy' | undefined };

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
  readonly tools: ReadonlyMap<string, TargetPolicy>;
  /** By `server.prompt`. */
  readonly prompts: ReadonlyMap<string, TargetPolicy>;
  /** In the order of the file; the first that matches judges. */
  readonly resources: readonly ResourcePolicy[];
  /** By server: what it may ask of the client. */
  readonly asks: ReadonlyMap<string, Asks>;
  /** Whether agents see `server__tool`; false only where there is one server, and they see its own names. */
  readonly prefixed: boolean;
  readonly caps: Amounts;
  /** ISO 4217 code of `spend`. */
  readonly currency: string;
}
