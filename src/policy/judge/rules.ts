/** The rules of one target, read and not yet compiled: plain values, so that they can be digested, compared and explained. */
import type { Contract, Effect } from '../../domain/contract.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Flow, OutputPromise } from '../../domain/policy.ts';
import type { HistoryRule } from '../history/history.ts';
import type { ShowsPart } from '../shows/shows-shape.ts';
import type { Rule } from './rule.ts';

export const VERDICTS = ['allow', 'hold', 'deny'] as const;

export interface Approval {
  readonly reason?: string | undefined;
}

export interface Case {
  readonly id: string;
  readonly when: Readonly<Record<string, Rule>>;
  readonly then: (typeof VERDICTS)[number];
  readonly reason?: string | undefined;
  /** Of the calls that match; unsaid is the tool's. */
  readonly effect?: Effect | undefined;
  readonly approval?: Approval | undefined;
  readonly observes?: boolean | undefined;
}

export interface Rules {
  readonly arguments: Readonly<Record<string, Rule>>;
  /** Undefined where there are no cases: then none has to match. */
  readonly cases: readonly Case[] | undefined;
  readonly approval: Approval | undefined;
  /** Over earlier calls. */
  readonly history: readonly HistoryRule[];
  /** Those that what this target sends can meet. */
  readonly flows: readonly Flow[];
  readonly output: OutputPromise | undefined;
  /** How what its arguments only point at is read, for whoever is asked. */
  readonly shows: ShowsPart | undefined;
  readonly asksReason: boolean;
  /** The dearest class that the session may spend in, where this target's is above it. */
  readonly aboveClass: string | undefined;
  /** Its server is production: a person agrees once for each session, whatever the policy says. */
  readonly production: boolean;
  /** The profile only observes: so does every rule of this target, but on calls that cannot be undone. */
  readonly observes: boolean;
}

/** A rule over earlier calls as the policy writes it. */
export interface WrittenHistoryRule {
  /** The key that it stands under: `after`, `not_after`, `limits`. */
  readonly kind: string;
  readonly observes: boolean;
  readonly written: JsonObject;
}

/** Everything that judges a target, as data: `TargetPolicy.written`. */
export interface WrittenRules extends Omit<Rules, 'history'> {
  readonly contract: Contract;
  readonly history: readonly WrittenHistoryRule[];
}

/** No rules: what is listed may be called. */
export const NO_RULES: Rules = {
  arguments: {},
  cases: undefined,
  approval: undefined,
  history: [],
  flows: [],
  output: undefined,
  shows: undefined,
  asksReason: false,
  aboveClass: undefined,
  production: false,
  observes: false,
};
