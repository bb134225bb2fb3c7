import { type Caller, localCaller, type Presented, personCaller } from '../domain/principal.ts';
import { authenticator } from './authenticator.ts';
import { loopbackAuthenticator } from './loopback.ts';
import type { Verifiers } from './verifiers.ts';

type Authenticate = (presented: Presented) => Caller | undefined | Promise<Caller | undefined>;

export interface AuthenticatorsOptions {
  readonly verifiers: Verifiers;
  readonly user: string;
  /** Of the file for agents; undefined: whoever reaches the loopback address is one. */
  readonly token: string | undefined;
  /** Of the file for the person. */
  readonly apiToken: string;
  /** Told why a token was refused: a phrase that holds nothing of it. */
  readonly refused: (why: string) => void;
}

/** Who knocks, by door: at the tools agents of the user, at the API the user; at each the issuer's callers, where it takes them. */
export function authenticatorsOf({ verifiers, user, token, apiToken, ...rest }: AuthenticatorsOptions): {
  readonly tools: Authenticate;
  readonly api: Authenticate;
} {
  const agent = loopbackAuthenticator(localCaller(user), token);
  const person = loopbackAuthenticator(personCaller(user), apiToken);
  const { opaque } = verifiers;
  const anonymous = token === undefined;
  return {
    tools: authenticator({ local: agent, verify: verifiers.tools, opaque, anonymous, ...rest }),
    api: authenticator({ local: person, verify: verifiers.api, opaque, anonymous: false, ...rest }),
  };
}
