/** Whom an entry of a file means: `group:NAME`, `group:NAME@ISSUER` or `user:SUBJECT@ISSUER`, of the issuers that there are. */
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Named } from '../domain/role.ts';
import { didYouMean } from './nearest.ts';

/** A name may hold an `@`: what begins as a URL is the issuer. Refuses with a phrase. */
export function readNamed(text: string, issuers: readonly string[]): Result<Named, string> {
  const [, kind, name = '', issuer] = /^(group|user):(.+?)(?:@(https?:\/\/.+))?$/s.exec(text) ?? [];
  if (kind !== 'group' && kind !== 'user')
    return refuse('expected group:NAME, group:NAME@ISSUER or user:SUBJECT@ISSUER');
  const [only, another] = issuers;
  if (only === undefined) return refuse('it can be nobody: there are no issuers, which people are of');
  if (issuer === undefined) {
    if (kind === 'group' && another === undefined) return ok({ kind, name, issuer: only });
    const why = kind === 'user' ? 'a subject is one of an issuer' : 'there are several issuers';
    return refuse(`ambiguous, since ${why}: write ${issuers.map((url) => `"${text}@${url}"`).join(' or ')}`);
  }
  return issuers.includes(issuer) ? ok({ kind, name, issuer }) : refuse(notAnIssuer(issuer, issuers));
}

export const notAnIssuer = (issuer: string, issuers: readonly string[]): string =>
  `${issuer} is none of "issuers"${didYouMean(issuer, issuers)}`;
