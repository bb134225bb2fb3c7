/** People, as the API and its page need them: who signs in, whose tokens these are, and how one proves to be there. */
import type { ChallengeHold, Passkeys } from '../domain/passkey.ts';
import type { AnswerHold, ApiCaller, ApproverKeys, FindOut, SignIn } from '../domain/person.ts';
import type { SignAcceptance } from '../domain/policies-in-view.ts';
import type { Ledger, Now } from '../domain/ports.ts';
import { type Caller, LOCAL, type Presented, personCaller } from '../domain/principal.ts';
import { type ClientOwners, ROLES, type RoleEntry } from '../domain/role.ts';
import type { Outgoing } from '../outgoing/outgoing.ts';
import type { ApproverBook } from './approvers.ts';
import { type PasskeysParts, passkeysOf } from './passkeys/passkeys.ts';
import { holdAnswers } from './people/answer-hold.ts';
import { approverKeys } from './people/approver-keys.ts';
import { findOut } from './people/find-out.ts';
import { Passphrases } from './people/passphrases.ts';
import { signAcceptance } from './people/sign-acceptance.ts';
import type { ReadSecret } from './secrets/read-secret.ts';
import { type SignInOptions, signIn } from './sign-in/sign-in.ts';

type Authenticate = (presented: Presented) => Caller | undefined | Promise<Caller | undefined>;

export interface PeopleOptions {
  readonly people: {
    readonly roles: readonly RoleEntry[];
    readonly owners: readonly ClientOwners[];
    readonly signIn: Pick<SignInOptions, 'issuer' | 'tenant' | 'client'> | undefined;
  };
  readonly user: string;
  /** Whom a token for the API names. */
  readonly authenticate: Authenticate;
  readonly approvers: ApproverBook;
  readonly ledger: Pick<Ledger, 'append' | 'decide' | 'resolve' | 'instance'>;
  readonly outgoing: Pick<Outgoing, 'fetch'>;
  readonly readSecret: ReadSecret;
  /** Where browsers can use passkeys; undefined: nowhere. */
  readonly passkeyOrigin: PasskeysParts['origin'];
  readonly now: Now;
  readonly report: (line: string) => void;
}

export interface People {
  readonly authenticate: (presented: Presented) => Promise<ApiCaller | undefined>;
  /** Undefined where the deployment names no issuer for it. */
  readonly signIn: SignIn | undefined;
  /** The person at this machine, as somebody who came by a link: only looking. */
  readonly local: ApiCaller;
  readonly owners: readonly ClientOwners[];
  readonly answer: AnswerHold;
  readonly challengeHold: ChallengeHold;
  readonly passkeys: Passkeys;
  readonly findOut: FindOut;
  readonly signAcceptance: SignAcceptance;
  readonly approverKeys: ApproverKeys;
}

export function peopleOf({
  people,
  user,
  authenticate,
  outgoing,
  readSecret,
  passkeyOrigin: origin,
  ...parts
}: PeopleOptions): People {
  const passphrases = new Passphrases(parts);
  const { roles, owners } = people;
  return {
    authenticate: async (presented) => {
      const caller = await authenticate(presented);
      return caller && { ...caller, person: personOf(caller) };
    },
    signIn: people.signIn && signIn({ ...people.signIn, roles, outgoing, readSecret, now: parts.now }),
    local: { ...personCaller(user), person: { roles: ROLES, looksOnly: true } },
    owners,
    ...holdAnswers({ ...parts, origin, passphrases }),
    passkeys: passkeysOf({ ...parts, origin, passphrases }),
    findOut: findOut({ ...parts, passphrases }),
    signAcceptance: signAcceptance({ ...parts, passphrases }),
    approverKeys: approverKeys({ ...parts, passphrases }),
  };
}

/** The token of this machine is its person's; an issuer's is a program's, whoever its subject is. */
const personOf = ({ principal }: Caller): ApiCaller['person'] =>
  principal.issuer === LOCAL ? { roles: ROLES, looksOnly: false } : undefined;
