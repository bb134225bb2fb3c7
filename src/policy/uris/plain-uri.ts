/** URIs that every reader reads alike. */
import { readable } from '../shown/readable.ts';

const LONGEST = 4096;

const LEGAL = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*$/;
const PARTS = /^[A-Za-z][A-Za-z0-9+.-]*:(?:\/\/([^/?#]*))?([^?#]*)/;
const CODED = /%[0-9A-Fa-f]{2}/g;
const CODED_RUN = /(?:%[0-9A-Fa-f]{2})+/g;
/** Dots that are all there is between two delimiters. Whatever is coded counts as one: some readers trim white space. */
const DOTS_ALONE = /(?<![A-Za-z0-9\-._~])\.+(?![A-Za-z0-9\-._~])/;

/**
 * What in a URI could be read two ways, after "it has"; undefined where nothing is. A policy's wildcard must not match what
 * its author reads as a name below one place and a server as another place. So these are odd:
 * - more than 4,096 characters, and whatever RFC 3986 has no place for: control characters, white space, backslashes,
 *   quotes, braces, letters beyond ASCII, `%` without two hex digits, a second `#`;
 * - segments of dots alone, also where `;`, `=` or another delimiter ends them;
 * - an empty segment in the path (`//`): joined to a folder, what follows is an absolute path;
 * - a user name, or coded characters, in the authority;
 * - coded characters that mean something once decoded, whenever that is: letters, digits and `- . _ ~`, which need no
 *   coding (so `%2e`, `%61dmin`); `/ \ ? # %` (so `%2f`, `%5c`, `%252e`); what looks alike and some readers fold into
 *   those or a dot (NFKC); what is invisible or a control character; and what is no UTF-8 (overlong forms).
 *
 * Letter case, and the two ways to write a delimiter such as `,` and `%2C`, are names that a server may or may not take for
 * one: both are plain.
 */
export function oddity(uri: string): string | undefined {
  if (uri.length > LONGEST) return `more than ${LONGEST} characters`;
  const [, authority = '', path = ''] = PARTS.exec(uri) ?? [];
  if (!LEGAL.test(uri) || uri.split('#').length > 2) return 'characters that no URI holds unencoded';
  if (DOTS_ALONE.test(uri.replace(CODED, ' '))) return 'a segment of dots alone';
  if (path.includes('//')) return 'an empty segment (//) in its path';
  if (/[@%]/.test(authority)) return 'a user name or coded characters before its path';
  return (uri.match(CODED_RUN) ?? []).every(isHarmless) ? undefined : 'characters that change its meaning once decoded';
}

function isHarmless(coded: string): boolean {
  let text: string;
  try {
    text = decodeURIComponent(coded);
  } catch {
    return false;
  }
  if (/[A-Za-z0-9\-._~\t\n]/.test(text) || readable(text) !== text) return false;
  return !/[/\\?#%.]/.test(text.normalize('NFKC'));
}
