/** What a compiled policy offers the path. The file's format and its compiler are in `src/policy`. */
import type { Asks } from './abilities.ts';
import type { Amounts, PrincipalCap, WhenReached } from './budget.ts';
import type { Contract, Definition, Effect } from './contract.ts';
import type { CredentialForm } from './credential-form.ts';
import type { Demand, Fields } from './history.ts';
import type { JsonObject } from './json.ts';
import type { Reach } from './label.ts';
import type { Lock, PackageName } from './lock.ts';
import type { Life } from './session.ts';
import type { Terms } from './terms.ts';
import type { Who } from './who.ts';

/** Why a person must be asked. All needs of one call become one hold. */
export interface Need {
  readonly kind: 'rule' | 'flow' | 'budget' | 'production';
  /** The rule that asks, by id or path: `outbox.send.approval`, `outbox.send.cases.large`, `flows.nothing-leaves`, `budgets.session.calls`, `servers.crm.environment`. */
  readonly rule: string;
  readonly reason: string | undefined;
  /** What it asks of an approval; undefined is the usual. */
  readonly terms?: Terms | undefined;
}

/** What a rule that only observes would have done. */
export interface Observed {
  readonly rule: string;
  readonly would: 'deny' | 'hold';
  readonly reason: string | undefined;
}

/** What a call is judged by beside its arguments. */
export interface Circumstances {
  /** What the session has touched so far. */
  readonly labels: readonly string[];
  /** The session's own folder, an absolute path: what `${session.dir}` stands for. */
  readonly dir: string;
  /** The servers of production that it may reach; unsaid is none. */
  readonly production?: readonly string[] | undefined;
}

export type Judgement =
  | {
      readonly verdict: 'allow';
      readonly rules: readonly string[];
      readonly needs: readonly Need[];
      /** What earlier calls must be like, or it is denied after all. */
      readonly demands: readonly Demand[];
      /** The same of rules that only observe. */
      readonly observedDemands: readonly Demand[];
      readonly observed: readonly Observed[];
      /** The contract's, or that of the cases that match: the worst of them. */
      readonly effect: Effect;
    }
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
  /** Everything that judges this tool, as data: what policies are compared by. */
  readonly written: JsonObject;
  /** Digest of the rules that judge this tool; a hold is bound to it. */
  readonly digest: string;
  /** Whether some call of this tool may be held. */
  readonly canHold: boolean;
  /** The worst effect that a call which is made can have. */
  readonly worst: Effect;
  /** Whether nothing here is enforced, but only said. */
  readonly observes: boolean;
  /** What the rules ask of a call, and when a person must approve: one sentence each, for the agent to read. */
  readonly restrictions: readonly string[];
  /** Whether a judgement depends on what the session has touched. */
  readonly seesLabels: boolean;
  /** Whether the agent must say why it calls. */
  readonly asksReason: boolean;
  /** What a result must be like beside what the server itself promises. */
  readonly output: OutputPromise | undefined;
  /** Judges effective arguments. Pure. */
  judge(effective: JsonObject, circumstances: Circumstances): Judgement;
  /** Problems of these rules with the tool as its server describes it (an argument it does not have): one line each. */
  misfits(definition: Definition): readonly string[];
}

/** Where the policy says more of a result than the server: a schema, and where what it judges is found. */
export interface OutputPromise {
  readonly schema: JsonObject;
  /** `json_text`: the one text block of the result is JSON. */
  readonly from: 'structured' | 'json_text';
}

/** Of what may leave: where the session has touched all these labels, data that reaches so far is held or denied. */
export interface Flow {
  readonly id: string;
  readonly labels: readonly string[];
  readonly sendsTo: Reach;
  readonly verdict: 'hold' | 'deny';
  readonly reason: string | undefined;
  readonly observes: boolean;
}

/** What of a call is kept for rules over earlier calls. Pure. */
export interface Recorder {
  ofCall(effective: JsonObject): Fields;
  ofResult(result: JsonObject): Fields;
}

/** Resources of one server, by a pattern of URIs. */
export interface ResourcePolicy extends TargetPolicy {
  /** Whether this very URI is meant. False for one that two readers could read two ways (dot segments, coded slashes). */
  matches(uri: string, dir: string): boolean;
  /** How many of the URIs that a template (RFC 6570) can make are meant. */
  covers(template: string, dir: string): 'all' | 'some' | 'none';
}

/** What a server serves. Of all but `production` it is a name and nothing more. */
export const ENVIRONMENTS = ['production', 'staging', 'development', 'test'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];

/** How a server is reached, and what it serves; unsaid is nothing that matters. */
export type ServerAddress = Address & { readonly environment?: Environment };

type Address =
  | {
      readonly kind: 'stdio';
      /** The program and its words. Of a package that is not looked up yet `node` and its name stand for its program. */
      readonly command: readonly [string, ...string[]];
      readonly env: Readonly<Record<string, string>>;
      /** By variable: the reference of a secret, which is read when a process is started. */
      readonly secrets?: Readonly<Record<string, string>>;
      readonly cwd: string;
      /** Whose program it is, where the registry's name is all that the file says. */
      readonly package?: PackageName;
      /** The era it speaks; undefined is found out. */
      readonly era: 'modern' | 'legacy' | undefined;
    }
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly era: 'modern' | 'legacy' | undefined;
      /** What it is shown of our authority; undefined is nothing. */
      readonly credential?: CredentialForm;
    };

/** How the credential of a server is had; undefined where it takes none. */
export const credentialOf = (address: ServerAddress | undefined): CredentialForm | undefined =>
  address?.kind === 'http' ? address.credential : undefined;

export type Servers = ReadonlyMap<string, ServerAddress>;

/** Whose the connections to shared servers are: no session has this id. */
export const SHARED = 'shared';

/** Whose connection to a server the calls of a session use. */
export const connectionOwner = ({ shared }: Pick<Profile, 'shared'>, server: string, session: string): string =>
  shared.has(server) ? SHARED : session;

/** The part of the policy that an agent works under. */
export interface Profile {
  readonly name: string;
  /** Whoever one of these lets in may work under it. */
  readonly who: readonly Who[];
  /** Where it was read, and its text by digest, so that a journal can say which policy applied. */
  readonly file: string;
  readonly text: string;
  readonly digest: string;
  /** What its servers' tools were when a person accepted them; undefined: they are pinned when they are first listed. */
  readonly lock: Lock | undefined;
  /** Whether rules refuse, or only record what they would have refused. */
  readonly mode: 'enforce' | 'observe';
  readonly flows: readonly Flow[];
  /** By target (`targetOf`), for those that some rule over earlier calls names. */
  readonly recorders: ReadonlyMap<string, Recorder>;
  /** By server that may ask: how far what a client answers goes. */
  readonly answersGo: ReadonlyMap<string, Reach>;
  readonly servers: Servers;
  /** How the policy itself says its servers are reached, as it is written (RFC 8785 text): what a lock pins. */
  readonly reached: ReadonlyMap<string, string>;
  /** By `server.tool`. */
  readonly tools: ReadonlyMap<string, TargetPolicy>;
  /** By `server.prompt`. */
  readonly prompts: ReadonlyMap<string, TargetPolicy>;
  /** In the order of the file; the first that matches judges. */
  readonly resources: readonly ResourcePolicy[];
  /** By server: what it may ask of the client. */
  readonly asks: ReadonlyMap<string, Asks>;
  /** Servers that keep nothing between two calls, on their operator's word: one connection serves all sessions. */
  readonly shared: ReadonlySet<string>;
  /** Whether agents see `server__tool`; false only where there is one server, and they see its own names. */
  readonly prefixed: boolean;
  /** What a session may use. */
  readonly caps: Amounts;
  readonly whenReached: WhenReached;
  /** What all sessions of one principal may use together. */
  readonly principalCaps: readonly PrincipalCap[];
  /** How many sessions of one principal may live at once. */
  readonly mostSessions: number | undefined;
  /** ISO 4217 code of `spend`. */
  readonly currency: string;
  readonly life: Life;
}
