import type { PolicyTexts } from '../domain/acceptance.ts';
import type { ApiCaller } from '../domain/person.ts';
import type { Servers } from '../domain/policy.ts';
import type { DirOf, Ledger, Now } from '../domain/ports.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { PolicySource } from '../policy/file/load.ts';
import { readLock } from '../policy/lock/read-lock.ts';
import type { Suggestion } from '../policy/suggest/suggest.ts';
import { type SuggestingFrom, suggestFrom } from '../policy/suggest/suggest-from.ts';
import type { Span } from './approval-routes.ts';

interface Asked {
  readonly profile: string;
  readonly rule: string;
  readonly days: Span;
}

/** Of the caller's tenant. Refused with a sentence without a full stop. */
export type Suggest = (caller: ApiCaller, asked: Asked) => Promise<Result<Suggestion, string>>;

export interface SuggestOptions {
  readonly ledger: SuggestingFrom['ledger'] & Pick<Ledger, 'accepted'>;
  /** Those of the deployment, and its issuers. */
  readonly servers: Servers;
  readonly issuers: ReadonlySet<string> | undefined;
  readonly dirOf: DirOf;
  readonly now: Now;
}

const DAY = 24 * 3_600_000;

/** From the policy that was last accepted, as it is in force. */
export const suggester =
  ({ ledger, servers, issuers, dirOf, now }: SuggestOptions): Suggest =>
  async ({ principal }, { profile, rule, days }) => {
    const [last] = (await ledger.accepted(profile, '')).filter((one) => one.profile === profile);
    const source = last === undefined ? undefined : sourceOf(last.texts, { servers, issuers });
    if (source === undefined) return refuse('no policy of this profile is in force');
    const at = now();
    const asked = { of: principal, since: at - Number(days) * DAY, at };
    return source.ok ? suggestFrom({ ledger, source: source.value, profile, rule, asked, dirOf }) : source;
  };

function sourceOf(
  { files: [source, ...bases], lock: beside }: PolicyTexts,
  known: Pick<SuggestOptions, 'servers' | 'issuers'>,
): Result<PolicySource, string> {
  const lock = beside === undefined ? ok(undefined) : readLock(beside);
  return lock.ok ? ok({ ...source, ...known, bases, lock: lock.value }) : refuse('its lock cannot be read');
}
