/** What people and their programs find at the gateway's address: the API, the page, where they sign in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { type ApiOptions, type ApiRoutesOptions, api } from '../console/api.ts';
import { Links } from '../console/people/links.ts';
import { localhostOf } from '../console/people/presence.ts';
import type { Logins } from '../domain/login.ts';
import { type PeopleOptions, peopleOf } from '../identity/people.ts';
import type { Outgoing } from '../outgoing/outgoing.ts';
import { type InViewOptions, policiesInView } from './policies-in-view.ts';

interface PeoplesDoorOptions
  extends Omit<PeopleOptions, 'passkeyOrigin'>,
    Pick<ApiOptions, 'servers' | 'issuers' | 'dirOf'>,
    Omit<InViewOptions, 'ledger' | 'signAcceptance' | 'asking'>,
    Omit<
      ApiRoutesOptions,
      'ledger' | 'owners' | 'answer' | 'approverKeys' | 'challengeHold' | 'passkeys' | 'findOut' | 'policies'
    > {
  readonly asking: Pick<InViewOptions['asking'], 'own' | 'askable' | 'mark' | 'packages'>;
  readonly outgoing: PeopleOptions['outgoing'] & Pick<Outgoing, 'toServer'>;
  readonly ledger: PeopleOptions['ledger'] & ApiOptions['ledger'] & InViewOptions['ledger'];
  /** The origin that callers from elsewhere use; undefined: they come to the address that is listened at. */
  readonly publicUrl: string | undefined;
  readonly logins: Logins;
  readonly version: string;
  readonly fault: (error: unknown) => void;
}

export interface PeoplesDoor {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** To be told before anybody knocks. */
  listensAt(url: string, ownsLocalhost: boolean): void;
  /** A URL where the person at this machine can begin. */
  begin(): string;
}

/** An IP address can be no RP ID: on loopback browsers come by name, if the name is ours alone. */
function passkeyOriginOf(publicUrl: string | undefined, listening: string, ownsLocalhost: boolean): string | undefined {
  if (publicUrl === undefined) return ownsLocalhost ? localhostOf(listening) : undefined;
  return isIP(new URL(publicUrl).hostname.replaceAll(/[[\]]/g, '')) === 0 ? publicUrl : undefined;
}

const noPasskeys = (origin: string): string =>
  `passkeys cannot be used at ${origin}: set listen.public_url to a name, or free this port at the other loopback address`;

export function peoplesDoor(options: PeoplesDoorOptions): PeoplesDoor {
  const { publicUrl, now } = options;
  let origin = publicUrl ?? '';
  let passkeyOrigin: string | undefined;
  const people = peopleOf({ ...options, passkeyOrigin: () => passkeyOrigin });
  const links = new Links(now);
  const asking = { ...options.asking, connectTo: options.outgoing.toServer, readSecret: options.readSecret, now };
  const policies = policiesInView({ ...options, asking, signAcceptance: people.signAcceptance });
  return {
    answer: api({ ...options, ...people, policies, links, origin: () => origin }),
    listensAt: (url, ownsLocalhost) => {
      origin = publicUrl ?? new URL(url).origin;
      passkeyOrigin = passkeyOriginOf(publicUrl, origin, ownsLocalhost);
      if (passkeyOrigin === undefined) options.report(noPasskeys(origin));
    },
    begin: () => (people.signIn === undefined ? `${passkeyOrigin ?? origin}${links.make()}` : `${origin}/sign-in`),
  };
}
