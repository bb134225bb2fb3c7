/**
 * Logins between our link and their end. The link works once, the way back works once, and both only for whom they are: the
 * browser that set out (a cookie), the person that the principal belongs to, and the issuer that was recorded before.
 * They live in this process: after a restart, or at another replica, the link is used up and the next call gives another.
 */
import { timingSafeEqual } from 'node:crypto';
import { CALLBACK_PATH, LOGIN_PATH, type Logins, type LoginTrouble, type StartedLogin } from '../../domain/login.ts';
import type { Now } from '../../domain/ports.ts';
import { type Caller, nameOf } from '../../domain/principal.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { Outgoing } from '../../outgoing/outgoing.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import type { AuthorizationServer } from './authorization-server.ts';
import { type KeptLogins, type LoginPlace, placeKey } from './kept-logins.ts';
import { clientDocumentOf, clientFor, type FixedClient, type OwnPlaces } from './login-client.ts';
import { isLoopback, wordsOf } from './metadata.ts';
import { authorizationUrl, type Terms, type Trip, tokensOfCode } from './token-requests.ts';
import { mayLogIn } from './whose-login.ts';

/** How long a link waits for its person, and then the person for the authorization server. Milliseconds. */
const LIVES = 10 * 60_000;
/** A link is given again while it has this long to live. Milliseconds. */
const WORTH_GIVING = 2 * 60_000;
/** More than so many, and the oldest goes. */
const MOST = 1_000;
/** So many logins of one principal at one server within this time are enough: a server that wants more is never content. */
const MOST_FINISHED = 3;
const FINISHED_WITHIN = 10 * 60_000;

export interface LoginOffer {
  readonly place: LoginPlace;
  readonly session: string;
  readonly authority: AuthorizationServer;
  readonly resource: string;
  readonly scopes: readonly string[];
  readonly client: FixedClient | undefined;
}

interface UnderWay {
  readonly terms: Terms;
  readonly trip: Trip;
  readonly cookie: string;
}

interface OpenLogin extends LoginOffer {
  readonly id: string;
  readonly until: number;
  /** Undefined until its link was opened. */
  readonly under?: UnderWay;
}

export interface OpenLoginsOptions {
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly kept: KeptLogins;
  readonly readSecret: ReadSecret;
  /** The base of our own URL, as browsers reach it. */
  readonly base: () => URL;
  readonly now: Now;
  /** 256 bits as base64url. */
  readonly newSecret: () => string;
  readonly report: (line: string) => void;
}

export class OpenLogins implements Logins {
  readonly #options: OpenLoginsOptions;
  readonly #byId = new Map<string, OpenLogin>();
  readonly #byState = new Map<string, OpenLogin>();
  /** The ids of all that can still be finished. */
  readonly #unfinished = new Set<string>();
  readonly #finished = new Map<string, readonly number[]>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: OpenLoginsOptions) {
    this.#options = options;
  }

  /** The link to give to the person; undefined where enough logins did not content the server. */
  offer(offer: LoginOffer): string | undefined {
    this.#sweep();
    const at = this.#options.now();
    const key = placeKey(offer.place);
    if ((this.#finished.get(key) ?? []).length >= MOST_FINISHED) return undefined;
    const same = [...this.#byId.values()].find(
      (one) => isSameOffer(one, offer) && one.until - at >= WORTH_GIVING && one.session === offer.session,
    );
    const login = same ?? { ...offer, id: this.#options.newSecret(), until: at + LIVES };
    this.#byId.set(login.id, login);
    this.#unfinished.add(login.id);
    return `${this.#own().base.origin}${LOGIN_PATH}${login.id}`;
  }

  /** The session is over: its links lead nowhere. */
  leave(session: string): void {
    for (const login of [...this.#byId.values(), ...this.#byState.values()])
      if (login.session === session) this.#end(login);
  }

  async start(id: string, person: Caller | undefined): Promise<Result<StartedLogin, LoginTrouble>> {
    this.#sweep();
    const { report } = this.#options;
    const login = this.#byId.get(id);
    if (login === undefined) return refuse('unknown');
    const own = this.#own();
    if (!mayLogIn(login.place.principal, person, isHere(own))) return refuse('somebody_else');
    this.#byId.delete(id);
    try {
      const started = await this.#setOut(login, own);
      if (started.ok) return started;
      report(`${login.place.server}: nobody can log in: ${started.error}`);
    } catch (fault) {
      report(`${login.place.server}: nobody can log in: ${wordsOf(fault)}`);
    }
    this.#end(login);
    return refuse('failed');
  }

  /** Refused with a phrase. */
  async #setOut(login: OpenLogin, own: OwnPlaces): Promise<Result<StartedLogin, string>> {
    const { now, newSecret } = this.#options;
    const { authority, resource, scopes } = login;
    const client = await clientFor(login.client, authority, own, this.#options);
    if (!client.ok) return client;
    const terms: Terms = { authority, client: client.value, resource, scopes };
    const trip: Trip = { redirectUri: own.redirectUri, state: newSecret(), verifier: newSecret() };
    const location = await authorizationUrl(terms, trip);
    const cookie = newSecret();
    this.#byState.set(trip.state, { ...login, until: now() + LIVES, under: { terms, trip, cookie } });
    return ok({ location: location.href, cookie: { name: cookieName(own, trip), value: cookie } });
  }

  async finish(
    answer: URLSearchParams,
    cookieOf: (name: string) => string | undefined,
    person: Caller | undefined,
  ): Promise<Result<string, LoginTrouble>> {
    this.#sweep();
    const login = this.#byState.get(answer.get('state') ?? '');
    if (login?.under === undefined) return refuse('unknown');
    // Whatever comes of it: a state is worth something once.
    this.#byState.delete(login.under.trip.state);
    try {
      return await this.#comeBack(login, login.under, answer, cookieOf, person);
    } catch (fault) {
      this.#options.report(`${login.place.server}: a login failed: ${wordsOf(fault)}`);
      return refuse('failed');
    } finally {
      this.#end(login);
    }
  }

  async #comeBack(
    { place }: OpenLogin,
    { terms, trip, cookie }: UnderWay,
    answer: URLSearchParams,
    cookieOf: (name: string) => string | undefined,
    person: Caller | undefined,
  ): Promise<Result<string, LoginTrouble>> {
    const { now, outgoing, kept, report } = this.#options;
    const own = this.#own();
    if (!isSameText(cookieOf(cookieName(own, trip)), cookie)) return refuse('unknown');
    if (!mayLogIn(place.principal, person, isHere(own))) return refuse('somebody_else');
    const tokens = await tokensOfCode(outgoing, terms, trip, answer, now());
    const { issuer } = terms.authority;
    if (!tokens.ok) {
      if (tokens.error.gone === 'client') kept.forgetClient(issuer, own.redirectUri);
      report(`${place.server}: a login at ${issuer} failed: ${tokens.error.why}`);
      return refuse('failed');
    }
    const { client, resource, scopes } = terms;
    const key = placeKey(place);
    kept.keep(key, { ...tokens.value, issuer, resource, client, asked: [...scopes] });
    this.#finished.set(key, [...(this.#finished.get(key) ?? []), now()]);
    report(`${place.server}: ${nameOf(place.principal)} logged in at ${issuer}`);
    return ok(place.server);
  }

  async finished(url: string, signal: AbortSignal): Promise<void> {
    const id = url.slice(url.lastIndexOf('/') + 1);
    if (!this.#unfinished.has(id) || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(resolve));
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    waiting.delete(resolve);
  }

  clientDocument() {
    return clientDocumentOf(this.#own());
  }

  #own(): OwnPlaces {
    const base = this.#options.base();
    return { base, redirectUri: `${base.origin}${CALLBACK_PATH}` };
  }

  #end({ id, under }: OpenLogin): void {
    this.#byId.delete(id);
    this.#unfinished.delete(id);
    if (under !== undefined) this.#byState.delete(under.trip.state);
    for (const resolve of this.#waiting.get(id) ?? []) resolve();
    this.#waiting.delete(id);
  }

  #sweep(): void {
    const at = this.#options.now();
    for (const all of [this.#byId, this.#byState]) {
      let left = all.size;
      for (const login of all.values()) {
        if (login.until > at && left < MOST) continue;
        this.#end(login);
        left--;
      }
    }
    for (const [key, times] of this.#finished) {
      const late = times.filter((time) => time > at - FINISHED_WITHIN);
      if (late.length === 0) this.#finished.delete(key);
      else this.#finished.set(key, late);
    }
  }
}

/** Whether only browsers of this machine reach us. */
const isHere = ({ base }: OwnPlaces): boolean => isLoopback(base);

/** One for each login, so that two in one browser do not end each other. `__Host-`: no neighbour can have set it. */
const cookieName = ({ base }: OwnPlaces, { state }: Trip): string =>
  `${base.protocol === 'https:' ? '__Host-' : ''}tollgate-login-${state.slice(0, 8)}`;

const isSameOffer = (one: LoginOffer, other: LoginOffer): boolean =>
  placeKey(one.place) === placeKey(other.place) &&
  one.resource === other.resource &&
  one.authority.issuer === other.authority.issuer &&
  one.scopes.length === other.scopes.length &&
  one.scopes.every((scope) => other.scopes.includes(scope));

function isSameText(one: string | undefined, other: string): boolean {
  const [offered, expected] = [Buffer.from(one ?? ''), Buffer.from(other)];
  return offered.length === expected.length && timingSafeEqual(offered, expected);
}
