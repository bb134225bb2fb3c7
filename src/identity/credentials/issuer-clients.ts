/** The clients that are open: metadata is believed for an hour, and found anew after anything went wrong. */
import type { ClientForm } from '../../domain/credential-form.ts';
import type { Result } from '../../domain/result.ts';
import { type IssuerClient, type IssuerOptions, openIssuer } from './issuer-client.ts';

/** Milliseconds. */
const BELIEVED = 3_600_000;

interface Open {
  readonly client: Promise<Result<IssuerClient, string>>;
  readonly until: number;
}

export class IssuerClients {
  readonly #options: IssuerOptions;
  /** As many at most as the deployment names. */
  readonly #open = new Map<string, Open>();

  constructor(options: IssuerOptions) {
    this.#options = options;
  }

  /** Refused with a phrase. */
  of(issuer: string, client: ClientForm): Promise<Result<IssuerClient, string>> {
    const key = JSON.stringify([issuer, client]);
    const known = this.#open.get(key);
    if (known !== undefined && this.#options.now() < known.until) return known.client;
    const opening = openIssuer(issuer, client, this.#options);
    const open = { client: opening, until: this.#options.now() + BELIEVED };
    this.#open.set(key, open);
    void opening.then((opened) => {
      if (!opened.ok && this.#open.get(key) === open) this.#open.delete(key);
    });
    return opening;
  }

  /** A secret may have been rotated, or an endpoint moved. */
  forget(issuer: string, client: ClientForm): void {
    this.#open.delete(JSON.stringify([issuer, client]));
  }
}
