/** Our two cookies: who is signed in, and a login that is under way. */
import type { Request, Response } from 'express';

export interface Cookies {
  readonly signedIn: string;
  readonly underWay: string;
}

/** The prefix `__Host-` binds a cookie to one host over https (RFC 6265bis, section 4.1.3.2); plain http, on loopback, can have none. */
export const cookiesAt = (origin: string): Cookies => {
  const prefix = origin.startsWith('https:') ? '__Host-' : '';
  return { signedIn: `${prefix}tollgate-person`, underWay: `${prefix}tollgate-login` };
};

/** Undefined where it is not there, or twice. */
export function cookieOf({ headers }: Pick<Request, 'headers'>, name: string): string | undefined {
  const found = (headers.cookie ?? '').split(/; */).filter((pair) => pair.startsWith(`${name}=`));
  const [pair] = found;
  return found.length === 1 ? pair?.slice(name.length + 1) : undefined;
}

/** `Lax`: it comes along when an issuer sends the browser back, and with no request of another site that changes something. */
export function setCookie(response: Response, name: string, value: string): void {
  response.cookie(name, value, { ...ATTRIBUTES, secure: name.startsWith('__Host-'), encode: String });
}

export function clearCookie(response: Response, name: string): void {
  response.clearCookie(name, { ...ATTRIBUTES, secure: name.startsWith('__Host-') });
}

const ATTRIBUTES = { httpOnly: true, sameSite: 'lax', path: '/' } as const;
