/** `url: { hosts, schemes? }`: URLs that every reader takes to the same host. */
import { isHost, isListed, type ListedHost, listedHost } from './host-names.ts';
import type { FormatTest, Meets } from './meets.ts';

export const SCHEMES = ['https', 'http'] as const;

export interface UrlOperand {
  /** `docs.example.com`, `*.example.com` (one label or more below), each also with `:PORT`. */
  readonly hosts: readonly string[];
  /** Unsaid is https alone. */
  readonly schemes?: readonly (typeof SCHEMES)[number][] | undefined;
}

const LONGEST = 4096;
const PORTS: Readonly<Record<string, number>> = { https: 443, http: 80 };
const PARTS = /^(https?):\/\/([^/?#]*)(.*)$/;
const LEGAL = /^(?:[A-Za-z0-9\-._~:/?#[\]!$&'()*+,;=@]|%[0-9A-Fa-f]{2})*$/;

interface ListedAuthority extends ListedHost {
  /** Undefined is the scheme's own. */
  readonly port: number | undefined;
}

/**
 * Whether a text is an absolute http(s) URL at a listed host. It must be in ASCII, hold only what RFC 3986 has a place for,
 * name no user, and be what the WHATWG parser writes for it, but for two changes that change nothing: letters of the
 * host in capitals, and no slash after a host with nothing behind it or a query. So dot segments, backslashes, blanks, a
 * default port that is written out, a dot after the host, and other spellings of an IP address are unsure. A
 * port that is not the scheme's own must be listed.
 */
export function urlTest({ hosts, schemes = ['https'] }: UrlOperand): FormatTest {
  const listed = hosts.map(listedAuthority).filter((one) => one !== undefined);
  return (text): Meets => {
    const url = plainUrl(text);
    if (url === undefined) return 'unsure';
    if (!schemes.some((scheme) => scheme === url.scheme)) return 'no';
    const own = PORTS[url.scheme];
    return listed.some((one) => (one.port ?? own) === url.port && isListed(one, url.host)) ? 'yes' : 'no';
  };
}

/** Why this cannot be listed as a host, or undefined. */
export const hostTrouble = (text: string): string | undefined =>
  listedAuthority(text) === undefined
    ? `expected a host such as docs.example.com, *.example.com or docs.example.com:8443, found ${JSON.stringify(text)}`
    : undefined;

function listedAuthority(text: string): ListedAuthority | undefined {
  const [, name, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const listed = name === undefined ? undefined : listedHost(name);
  const number = port === undefined ? undefined : Number(port);
  if (listed === undefined || number === 0 || (number ?? 1) > 65_535) return undefined;
  return { ...listed, port: number };
}

function plainUrl(text: string) {
  if (text.length > LONGEST || !LEGAL.test(text)) return undefined;
  const [, scheme, authority, rest] = PARTS.exec(text) ?? [];
  if (scheme === undefined || authority === undefined || rest === undefined || authority.includes('@'))
    return undefined;
  const url = URL.parse(text);
  const written = `${scheme}://${authority.toLowerCase()}${rest.startsWith('/') ? '' : '/'}${rest}`;
  if (url === null || url.href !== written) return undefined;
  if (!isHost(url.hostname)) return undefined;
  return { scheme, host: url.hostname, port: url.port === '' ? PORTS[scheme] : Number(url.port) };
}
