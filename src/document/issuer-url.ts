import { z } from 'zod';

/** An issuer's own name, as its tokens say it: compared character by character, never resolved (RFC 8414, section 2). */
export const issuerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && isGuarded(url) && url.username === '' && url.password === '' && !/[?#\s]/.test(text);
}, 'expected the https:// URL of an issuer, as its tokens say it, without query and fragment');

const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Nobody between can read or change what is said there: TLS, or this very machine. */
export const isGuarded = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
