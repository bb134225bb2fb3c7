import { z } from 'zod';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether this host is the machine itself, by a name that needs no look-up elsewhere. */
const isLoopback = ({ hostname }: Pick<URL, 'hostname'>): boolean => LOOPBACK.has(hostname);

/** Whether nobody between can read or change what is sent there. */
export const isSecureUrl = (url: URL): boolean =>
  (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) &&
  url.username === '' &&
  url.password === '';

/** An issuer's own name, as its tokens say it: compared character by character, never resolved (RFC 8414, section 2). */
export const issuerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && isSecureUrl(url) && !/[?#\s]/.test(text);
}, 'expected the https:// URL of an issuer, as its tokens say it, without query and fragment');
