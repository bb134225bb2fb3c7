import type { Approved, Authorized, InSession, Stage } from '../domain/call.ts';
import type { Contract } from '../domain/contract.ts';
import type { Credential, Credentials, CredentialWanted, Obtained } from '../domain/credential.ts';
import type { Refusal } from '../domain/refusal.ts';
import { ok, type Result, refuse } from '../domain/result.ts';

type Caller = Pick<InSession, 'session' | 'principal' | 'subjectToken'>;
type Target = Pick<Contract, 'server' | 'scopes'>;

/** What the caller may show a server of the scopes that a target needs. At once where it is kept. */
export type Authorize = (
  caller: Caller,
  target: Target,
) => Result<Credential | undefined, Refusal> | Promise<Result<Credential | undefined, Refusal>>;

export const wantedBy = (
  { session, principal, subjectToken }: Caller,
  { server, scopes }: Target,
): CredentialWanted => ({
  server,
  session: session.id,
  principal,
  scopes,
  subjectToken,
});

export const authorizing =
  (credentials: Pick<Credentials, 'obtain'>): Authorize =>
  (caller, target) => {
    const obtained = credentials.obtain(wantedBy(caller, target));
    return obtained instanceof Promise
      ? obtained.then((late) => asRefusal(target.server, late))
      : asRefusal(target.server, obtained);
  };

function asRefusal(server: string, obtained: Obtained): Result<Credential | undefined, Refusal> {
  if (obtained.ok) return obtained;
  const { error } = obtained;
  return error.kind === 'failed'
    ? refuse({ reason: 'no_credential', server, why: error.why })
    : refuse({ reason: 'no_credential', server, why: 'its user has to log in there', login: error.url });
}

/** Whose authority the call carries to its server. All that may stop or hold it was asked before. */
export const obtainCredential =
  (authorize: Authorize): Stage<Approved, Authorized> =>
  async (call) => {
    if (call.round !== undefined) return ok({ ...call, credential: undefined });
    const obtained = authorize(call, call.contract);
    const credential = obtained instanceof Promise ? await obtained : obtained;
    return credential.ok ? ok({ ...call, credential: credential.value }) : credential;
  };
