/** What people and their programs find at the gateway's address: the API, the page, where they sign in. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiRoutesOptions, api } from '../console/api.ts';
import { Links } from '../console/people/links.ts';
import type { Logins } from '../domain/login.ts';
import { type PeopleOptions, peopleOf } from '../identity/people.ts';
import type { Outgoing } from '../outgoing/outgoing.ts';
import { type InViewOptions, policiesInView } from './policies-in-view.ts';

interface PeoplesDoorOptions
  extends PeopleOptions,
    Omit<InViewOptions, 'ledger' | 'signAcceptance' | 'asking'>,
    Omit<ApiRoutesOptions, 'ledger' | 'owners' | 'answer' | 'approverKeys' | 'findOut' | 'policies'> {
  readonly asking: Pick<InViewOptions['asking'], 'own' | 'askable' | 'mark' | 'packages'>;
  readonly outgoing: PeopleOptions['outgoing'] & Pick<Outgoing, 'toServer'>;
  readonly ledger: PeopleOptions['ledger'] & ApiRoutesOptions['ledger'] & InViewOptions['ledger'];
  /** The origin that callers from elsewhere use; undefined: they come to the address that is listened at. */
  readonly publicUrl: string | undefined;
  readonly logins: Logins;
  readonly version: string;
  readonly fault: (error: unknown) => void;
}

export interface PeoplesDoor {
  readonly answer: (request: IncomingMessage, response: ServerResponse) => void;
  /** To be told before anybody knocks. */
  listensAt(url: string): void;
  /** A URL where the person at this machine can begin. */
  begin(): string;
}

export function peoplesDoor(options: PeoplesDoorOptions): PeoplesDoor {
  const { publicUrl, now } = options;
  const people = peopleOf(options);
  const asking = { ...options.asking, connectTo: options.outgoing.toServer, readSecret: options.readSecret, now };
  const policies = policiesInView({ ...options, asking, signAcceptance: people.signAcceptance });
  const links = new Links(now);
  let origin = publicUrl ?? '';
  return {
    answer: api({ ...options, ...people, policies, links, origin: () => origin }),
    listensAt: (url) => {
      origin = publicUrl ?? new URL(url).origin;
    },
    begin: () => `${origin}${people.signIn === undefined ? links.make() : '/sign-in'}`,
  };
}
