import type { Finding, Findings, UnknownCall } from '../domain/finding.ts';
import type { Result } from '../domain/result.ts';
import type { LedgerHome } from './ledger-home.ts';

/** The part of the ledger that knows which outcomes a person finds out: all of it is asked of its home. */
export class StoredFindings implements Findings {
  readonly #home: LedgerHome;

  constructor(home: LedgerHome) {
    this.#home = home;
  }

  /** Without `open` also those of which something was found out. */
  unknowns({ open }: { readonly open: boolean }): Promise<readonly UnknownCall[]> {
    return this.#home.ask('unknowns', { open });
  }

  unknown(call: string): Promise<UnknownCall | undefined> {
    return this.#home.ask('unknown', { call });
  }

  resolve(call: string, finding: Finding): Promise<Result<UnknownCall, string>> {
    return this.#home.ask('resolve', { call, finding });
  }
}
