import { z } from 'zod';

const LOOPBACK = /^(?:127\.0\.0\.1|localhost|\[::1\])$/;

/**
 * An issuer's own name, as its tokens say it: compared character by character, never resolved (RFC 8414, section 2). `http:` is
 * for one on this machine.
 */
export const issuerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || /[?#\s]/.test(text)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}, 'expected the https:// URL of an issuer, as its tokens say it, without query and fragment');
