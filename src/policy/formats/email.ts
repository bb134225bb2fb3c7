/** `email: { domains }`: one mail address that every mailer takes to the same domain. */
import { isHostName, isListed, listedHost } from './host-names.ts';
import type { FormatTest, Meets } from './meets.ts';

export interface EmailOperand {
  /** `customers.example.com`, or `*.example.com` (one label or more below). */
  readonly domains: readonly string[];
}

const LONGEST = 254;
const LONGEST_LOCAL = 64;
/**
 * RFC 5322's dot-atom without what some mailers act on: `%` and `!` (routes), `/`, `|` and a backquote (files and programs),
 * a hyphen in front (an option of a command).
 */
const LOCAL = /^(?!-)[A-Za-z0-9#$&'*+=?^_{}~-]+(?:\.[A-Za-z0-9#$&'*+=?^_{}~-]+)*$/;

/**
 * Whether a text is one address `local@domain` at a listed domain: no display name, quotes, comments, lists or routes, no
 * IP address, in ASCII (a listed domain in another script is compared in punycode). Anything else is unsure.
 */
export function emailTest({ domains }: EmailOperand): FormatTest {
  const listed = domains.map(listedHost).filter((one) => one !== undefined);
  return (text): Meets => {
    const domain = domainOf(text);
    if (domain === undefined) return 'unsure';
    return listed.some((one) => isListed(one, domain)) ? 'yes' : 'no';
  };
}

/** Why this cannot be listed as a domain, or undefined. */
export function domainTrouble(text: string): string | undefined {
  const listed = listedHost(text);
  return listed !== undefined && isHostName(listed.host)
    ? undefined
    : `expected a domain such as customers.example.com or *.example.com, found ${JSON.stringify(text)}`;
}

function domainOf(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  const [local = '', domain = '', ...more] = text.split('@');
  if (more.length > 0 || local.length > LONGEST_LOCAL || !LOCAL.test(local)) return undefined;
  const name = domain.toLowerCase();
  // `toLowerCase` makes ASCII of a few letters that are none, such as the Kelvin sign.
  return /^[A-Za-z0-9._-]+$/.test(domain) && isHostName(name) ? name : undefined;
}
