import { z } from 'zod';

/** An issuer's own name, as its tokens say it: compared character by character, never resolved (RFC 8414, section 2). */
export const issuerUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' && !/[?#\s]/.test(text);
}, 'expected the https:// URL of an issuer, as its tokens say it, without query and fragment');
