/** What a policy is learned from. */
import type { Servers } from '../../domain/policy.ts';
import type { LoadedPolicy } from '../file/load.ts';
import type { RecordedCall } from '../replay/recorded-call.ts';

export interface Learning {
  /** What the sessions ran under. */
  readonly base: LoadedPolicy;
  readonly name: string;
  readonly calls: readonly RecordedCall[];
  /** The longest that any of the sessions had a call under way, in milliseconds. */
  readonly runtime: number;
  /** The folder of a session. */
  readonly dirOf: (session: string) => string;
  readonly servers: Servers;
}
