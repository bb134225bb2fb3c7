/**
 * Credentials as they are kept: by session, server, scopes and who acts, in memory alone. One is handed out until shortly before
 * it expires, at once; of one that is not there, one is on its way at a time.
 */
import type {
  Challenge,
  Credential,
  Credentials,
  CredentialWanted,
  NoCredential,
  Obtained,
} from '../../domain/credential.ts';
import type { Now } from '../../domain/ports.ts';
import { isSamePrincipal, type Principal } from '../../domain/principal.ts';
import { ok, type Result } from '../../domain/result.ts';
import { type Fetch, type Fetched, failed } from './source.ts';

/** What lives no longer than this (milliseconds) may have expired when it arrives. */
const EARLY = 30_000;
/** The session that was served the longest ago is forgotten, where more are kept. */
const MOST = 10_000;

/** The credentials of one server. */
export interface Source {
  readonly fetch: Fetch;
  /** Whether each caller has another. */
  readonly isOfCallers: boolean;
}

/** Those of a whole gateway. */
export interface KeptCredentials extends Credentials {
  /** Whose some are kept. */
  sessions(): Iterable<string>;
}

interface Entry {
  readonly principal: Principal;
  readonly pending: Promise<Obtained>;
  fetched: Fetched | undefined;
  /** The same as an answer, made once. */
  answer: Obtained | undefined;
  hasLeft: boolean;
}

const NONE: Obtained = ok(undefined);

export interface SessionCredentialsOptions {
  /** By server. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly now: Now;
  /** Told of what could not be had, and of what could not be taken back. */
  readonly report: (server: string, why: string) => void;
}

export class SessionCredentials implements KeptCredentials {
  readonly #options: SessionCredentialsOptions;
  readonly #bySession = new Map<string, Map<string, Entry>>();
  #count = 0;

  constructor(options: SessionCredentialsOptions) {
    this.#options = options;
  }

  obtain(wanted: CredentialWanted): Obtained | Promise<Obtained> {
    const source = this.#options.sources.get(wanted.server);
    if (source === undefined) return NONE;
    const key = keyOf(wanted);
    const entry = this.#bySession.get(wanted.session)?.get(key);
    if (entry !== undefined && (!source.isOfCallers || isSamePrincipal(entry.principal, wanted.principal))) {
      if (entry.fetched === undefined) return entry.pending;
      if (entry.answer !== undefined && this.#isFresh(entry.fetched.credential)) return entry.answer;
    }
    return this.#begin(source, wanted, key);
  }

  /** A token of too few scopes is as good as any: the next would be for the same. */
  refused(wanted: CredentialWanted, credential: Credential, challenge?: Challenge): void {
    if (challenge?.status === 403) return;
    const key = keyOf(wanted);
    const entry = this.#bySession.get(wanted.session)?.get(key);
    if (entry?.fetched?.credential === credential) this.#drop(wanted.session, key, entry);
  }

  sessions(): Iterable<string> {
    return this.#bySession.keys();
  }

  async leave(session: string): Promise<void> {
    const entries = [...(this.#bySession.get(session) ?? [])];
    this.#bySession.delete(session);
    this.#count -= entries.length;
    await Promise.all(
      entries.map(async ([key, entry]) => {
        entry.hasLeft = true;
        // One that is on its way takes itself back when it comes.
        if (entry.fetched === undefined) await entry.pending;
        else await this.#revoke(serverIn(key), entry.fetched);
      }),
    );
  }

  #begin(source: Source, wanted: CredentialWanted, key: string): Promise<Obtained> {
    const { session, server, principal } = wanted;
    const { promise, resolve } = Promise.withResolvers<Obtained>();
    const entry: Entry = { principal, pending: promise, fetched: undefined, answer: undefined, hasLeft: false };
    this.#put(session, key, entry);
    source
      .fetch(wanted)
      .catch((fault: unknown) => failed(`it failed: ${fault instanceof Error ? fault.name : 'a fault'}`))
      .then((fetched) => this.#arrived(entry, fetched, { session, server, key }))
      .then(resolve);
    return promise;
  }

  async #arrived(
    entry: Entry,
    fetched: Result<Fetched, NoCredential>,
    { session, server, key }: { readonly session: string; readonly server: string; readonly key: string },
  ): Promise<Obtained> {
    if (!fetched.ok) {
      this.#drop(session, key, entry);
      if (fetched.error.kind === 'failed') this.#options.report(server, `no credential: ${fetched.error.why}`);
      return fetched;
    }
    if (entry.hasLeft) {
      await this.#revoke(server, fetched.value);
      return failed('the session is over');
    }
    entry.fetched = fetched.value;
    entry.answer = ok(fetched.value.credential);
    if (!this.#isFresh(fetched.value.credential)) this.#drop(session, key, entry);
    return entry.answer;
  }

  #isFresh({ expiresAt }: Credential): boolean {
    return expiresAt === undefined || this.#options.now() < expiresAt - EARLY;
  }

  #put(session: string, key: string, entry: Entry): void {
    const entries = this.#bySession.get(session) ?? new Map<string, Entry>();
    if (!entries.has(key)) this.#count++;
    entries.set(key, entry);
    // The one that was served last stands last.
    this.#bySession.delete(session);
    this.#bySession.set(session, entries);
    const [oldest] = this.#bySession.keys();
    if (this.#count > MOST && oldest !== undefined && oldest !== session) void this.leave(oldest);
  }

  #drop(session: string, key: string, entry: Entry): void {
    const entries = this.#bySession.get(session);
    if (entries?.get(key) !== entry) return;
    entries.delete(key);
    this.#count--;
    if (entries.size === 0) this.#bySession.delete(session);
  }

  async #revoke(server: string, { revoke }: Fetched): Promise<void> {
    await revoke?.().catch(() => this.#options.report(server, 'its credential could not be revoked, and will expire'));
  }
}

/** Another chain of actors is another credential: it says who acts. */
const keyOf = ({ server, scopes, principal }: CredentialWanted): string =>
  `${server}\n${scopes.join(' ')}\n${principal.actors.join('\n')}`;

const serverIn = (key: string): string => key.slice(0, key.indexOf('\n'));
