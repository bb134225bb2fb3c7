import { z } from 'zod';
import { isSecureUrl } from './issuer-url.ts';

/** Where callers from elsewhere find this gateway: scheme, host and port in canonical form (RFC 3986, section 6.2.2.1). */
export const publicUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url !== null && isSecureUrl(url) && url.href === `${url.origin}/` && !/[?#]/.test(text)) return url.origin;
  context.addIssue('expected the https:// URL (http:// on loopback alone) that callers use, without a path');
  return z.NEVER;
});
