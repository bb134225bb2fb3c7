/** The caller's token as the subject of an exchange: whose it is, and whether we may act for that subject at all. */
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { CredentialWanted } from '../../domain/credential.ts';
import { LOCAL } from '../../domain/principal.ts';
import { ok, type Result, refuse } from '../../domain/result.ts';
import type { ReadSecret } from '../secrets/read-secret.ts';
import { isJwt } from './issuer-client.ts';

const mayAct = z.object({ sub: z.string().optional(), iss: z.string().optional() });

/**
 * The token, where it may go to `issuer` in the name of `client`: only the issuer that it is of has it. Refused with a phrase.
 * What it says was verified at the door.
 */
export function subjectTokenFor(
  { subjectToken, principal }: Pick<CredentialWanted, 'subjectToken' | 'principal'>,
  issuer: string,
  client: string,
): Result<string, string> {
  if (subjectToken === undefined) return refuse('the caller brought no token that could be exchanged');
  if (principal.issuer !== issuer)
    return refuse(`the caller is of ${principal.issuer}, and callers of ${issuer} alone are known to the server`);
  const token = subjectToken.reveal();
  const named = isJwt(token) ? decodeJwt(token)['may_act'] : undefined;
  if (named === undefined) return ok(token);
  const actor = mayAct.safeParse(named);
  const isUs = actor.success && actor.data.sub === client && (actor.data.iss ?? issuer) === issuer;
  return isUs ? ok(token) : refuse('the caller’s token names another who may act (may_act)');
}

/** The token of this machine's user, where that is written down, for callers of this machine alone; and whose it says it is. */
export async function localSubject(
  reference: string,
  { principal }: Pick<CredentialWanted, 'principal'>,
  readSecret: ReadSecret,
): Promise<Result<{ readonly token: string; readonly subject: string }, string>> {
  if (principal.issuer !== LOCAL)
    return refuse(
      `the caller is of ${principal.issuer}, and the token of "subject" is for callers of this machine alone`,
    );
  const read = await readSecret(reference);
  if (!read.ok) return read;
  const token = read.value.reveal();
  const subject = isJwt(token) ? decodeJwt(token).sub : undefined;
  return subject === undefined
    ? refuse(`what ${reference} stands for is no token of a subject`)
    : ok({ token, subject });
}

/** Whether it calls itself an access token (RFC 9068, section 2.1). */
export const isAccessToken = (token: string): boolean =>
  !isJwt(token) ||
  decodeProtectedHeader(token)
    .typ?.toLowerCase()
    .replace(/^application\//, '') === 'at+jwt';
