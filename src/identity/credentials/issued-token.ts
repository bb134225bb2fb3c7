/**
 * Is what an issuer gave what it was asked for? Judged before it is shown to anybody: a token that may more than it should, is
 * for somebody else or hides who acts is of no use. Pure; that it is the issuer's own word is settled before.
 */
import { z } from 'zod';
import { ok, type Result, refuse } from '../../domain/result.ts';

export interface Expected {
  /** Whom it may be for, and nobody else; none where that was not asked. */
  readonly audiences: readonly string[];
  readonly scopes: readonly string[];
  /** Whom it speaks for; undefined where the issuer says so by names of its own. */
  readonly subject: string | undefined;
  /** Who acts (RFC 8693, section 4.1); undefined where nobody acts for somebody else. */
  readonly actor: string | undefined;
}

/** What the answer says beside the token. */
export interface Beside {
  readonly scope: string | undefined;
  /** Seconds. */
  readonly expiresIn: number | undefined;
}

export interface Sound {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
}

const words = z.union([z.string().transform((text) => text.split(' ').filter(Boolean)), z.array(z.string())]);
const actor = z.object({ sub: z.string(), iss: z.string().optional() });
type Actor = z.infer<typeof actor>;

const claims = z.object({
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string().transform((one) => [one]), z.array(z.string())]).optional(),
  exp: z.number().optional(),
  scope: words.optional(),
  /** As some issuers say it. */
  scp: words.optional(),
  act: actor.optional(),
});

/** `at`: when it came, milliseconds since the epoch. Refused with a phrase about "it". */
export function judgeIssued(
  issuer: string,
  said: unknown,
  beside: Beside,
  expected: Expected,
  at: number,
): Result<Sound, string> {
  const read = claims.safeParse(said);
  if (!read.success) return refuse(`its claim ${read.error.issues[0]?.path[0]?.toString()} is malformed`);
  const { iss, sub, aud = [], exp, scope, scp, act } = read.data;
  if (iss !== undefined && iss !== issuer) return refuse('it is of another issuer (iss)');
  const wrongAudience = expected.audiences.length === 0 ? undefined : troubleWithAudience(aud, expected.audiences);
  if (wrongAudience !== undefined) return refuse(wrongAudience);
  if (expected.subject !== undefined && sub !== expected.subject) return refuse('it is of another subject (sub)');
  const wrongActor = expected.actor === undefined ? undefined : troubleWithActor(act, expected.actor, issuer);
  if (wrongActor !== undefined) return refuse(wrongActor);
  const granted = [...new Set([...(scope ?? []), ...(scp ?? []), ...(beside.scope?.split(' ') ?? [])])].filter(Boolean);
  const more = granted.filter((one) => !expected.scopes.includes(one));
  if (more.length > 0) return refuse('it may more than was asked (scope)');
  const lives = [
    ...(exp === undefined ? [] : [exp * 1000]),
    ...(beside.expiresIn === undefined ? [] : [at + beside.expiresIn * 1000]),
  ];
  if (lives.length === 0) return refuse('it does not say when it expires (exp, expires_in)');
  const expiresAt = Math.min(...lives);
  if (expiresAt <= at) return refuse('it has expired (exp)');
  // Where neither says it, it is what was asked (RFC 6749, section 5.1).
  const isSaid = scope !== undefined || scp !== undefined || beside.scope !== undefined;
  return ok({ expiresAt, audience: aud[0], scopes: isSaid ? granted : expected.scopes });
}

function troubleWithAudience(aud: readonly string[], expected: readonly string[]): string | undefined {
  if (aud.length === 0) return 'it is for nobody (aud)';
  return aud.every((one) => expected.includes(one)) ? undefined : 'it is for others (aud)';
}

function troubleWithActor(act: Actor | undefined, expected: string, issuer: string): string | undefined {
  if (act === undefined) return 'it does not say who acts (act)';
  return act.sub === expected && (act.iss ?? issuer) === issuer ? undefined : 'another acts by it (act)';
}
