/** `WWW-Authenticate: Bearer` (RFC 9110 11.6.1, RFC 6750 3, RFC 9728 5.1): what a server wants of whoever it refused. */

export interface BearerChallenge {
  readonly resourceMetadata: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly error: string | undefined;
}

const NOTHING: BearerChallenge = { resourceMetadata: undefined, scopes: undefined, error: undefined };

/** A parameter, or the name of a scheme: a word that no `=` follows. */
const PART = /[\s,]*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/y;

/** In characters. */
const LONGEST = 8 * 1024;

/** The first Bearer challenge of the header; of a header that has none, nothing is known. */
export function readChallenge(header: string | undefined): BearerChallenge {
  if (header === undefined || header.length > LONGEST) return NOTHING;
  const parameters = new Map<string, string>();
  let isBearer = false;
  for (const [, name = '', quoted, plain] of header.matchAll(new RegExp(PART, 'gy'))) {
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
    if (value === undefined && isBearer) break;
    if (value === undefined) isBearer = name.toLowerCase() === 'bearer';
    else if (isBearer && !parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
  }
  return {
    resourceMetadata: parameters.get('resource_metadata'),
    scopes: scopesIn(parameters.get('scope')),
    error: parameters.get('error'),
  };
}

/** The scopes of a text that separates them with blanks; undefined where there are none. */
export function scopesIn(text: string | undefined): readonly string[] | undefined {
  const scopes = [...new Set((text ?? '').split(' ').filter((scope) => scope !== ''))];
  return scopes.length === 0 ? undefined : scopes;
}
