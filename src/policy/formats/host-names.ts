/** Names of hosts as a policy lists them, for URLs and for mail. */

const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';
const NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`);
/** As the WHATWG parser writes one. */
const IP_ADDRESS = /^(?:\[[0-9a-f:]+\]|[0-9]+(?:\.[0-9]+){3})$/;
const NUMBER_LAST = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/;

/** A host's name in lower-case ASCII: no IP address in any spelling, no dot at its end. */
export const isHostName = (text: string): boolean => NAME.test(text) && !NUMBER_LAST.test(text);

/** A name, or an IP address as the WHATWG parser writes it. */
export const isHost = (text: string): boolean => isHostName(text) || IP_ADDRESS.test(text);

/** As the WHATWG parser writes a host: lower case, punycode, IPv6 in brackets. Undefined where it takes it for none. */
function canonicalHost(text: string): string | undefined {
  if (/[\s/\\?#@%]/.test(text) || (text.includes(':') && !text.startsWith('['))) return undefined;
  const url = URL.parse(`https://${text}/`);
  return url !== null && url.port === '' && url.pathname === '/' ? url.hostname : undefined;
}

/** A host as it is listed: itself, or every name one or more labels below it. */
export interface ListedHost {
  readonly host: string;
  readonly below: boolean;
}

/** Reads `docs.example.com` or `*.example.com`, in whatever script; undefined for what is neither. */
export function listedHost(text: string): ListedHost | undefined {
  const below = text.startsWith('*.');
  const host = canonicalHost(below ? text.slice(2) : text);
  if (host === undefined) return undefined;
  if (isHostName(host)) return below && host === 'localhost' ? undefined : { host, below };
  // An address must be written as it is read: 2130706433 and 127.1 are 127.0.0.1 to the parser only.
  return !below && host === text.toLowerCase() && IP_ADDRESS.test(host) ? { host, below } : undefined;
}

/** Whether a canonical host is one that is listed. */
export const isListed = (listed: ListedHost, host: string): boolean =>
  listed.below ? isHostName(host) && host.endsWith(`.${listed.host}`) : host === listed.host;
