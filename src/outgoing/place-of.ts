/** Where an address leads: to the public internet, into a private range, to this machine, or where nothing of ours may go. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

export interface Place {
  /** `private`: in none of the listed ranges. `barred`: whatever is listed. */
  readonly kind: 'public' | 'listed' | 'private' | 'loopback' | 'barred';
  /** With its article, to follow "is": `a private address`. */
  readonly words: string;
}

/** Where cloud machines read their own credentials; the others of the kind are link-local. */
const METADATA = new Set(['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::254', 'fd20:ce::254']);

/** Ranges that an operator may list, by the library's names, and what they are called. */
const LISTABLE: Readonly<Record<string, string>> = {
  private: 'a private address',
  uniqueLocal: 'a private address (unique local)',
  carrierGradeNat: 'a private address (carrier-grade NAT)',
  reserved: 'a reserved address',
};

const WORDS: Readonly<Record<string, string>> = {
  unspecified: 'the unspecified address',
  broadcast: 'a broadcast address',
  multicast: 'a multicast address',
  linkLocal: 'a link-local address, where cloud machines keep their credentials',
};

/** CIDR ranges as a list that `placeOf` takes. Throws where one is none: `rangeTrouble` says so beforehand. */
export const rangesOf = (texts: readonly string[]): readonly Range[] => texts.map((text) => ipaddr.parseCIDR(text));

/** What is wrong with a range that is to be listed; undefined where nothing is. */
export function rangeTrouble(text: string): string | undefined {
  const expected = 'expected a private range such as 10.20.0.0/16 or fd12:3456::/48';
  if (!ipaddr.isValidCIDR(text)) return expected;
  const of = ipaddr.parseCIDR(text)[0].kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6;
  const [first, last] = [of.networkAddressFromCIDR(text), of.broadcastAddressFromCIDR(text)];
  const isWithinOne = first.range() === last.range() && Object.hasOwn(LISTABLE, first.range());
  return isWithinOne ? undefined : `${expected}; this one holds addresses that are not private`;
}

/** Fails closed: what is no address, and what no list of ranges knows, is barred. */
export function placeOf(text: string, listed: readonly Range[]): Place {
  // Stricter than the library, which also reads octal and shortened IPv4, and takes the old `::8.8.8.8` for a mapped address.
  if (isIP(text) === 0 || /^::\d+\./.test(text)) return { kind: 'barred', words: 'no address' };
  const written = ipaddr.parse(text);
  const carried = written.kind() === 'ipv6' ? carriedBy(written as ipaddr.IPv6) : undefined;
  if (carried === undefined) return ownPlace(written, listed);
  const place = ownPlace(carried.address, listed);
  // Through a translator it is not this machine that answers, and nobody writes such a URL.
  return carried.isTranslated && place.kind === 'loopback'
    ? { kind: 'barred', words: 'the loopback behind a translator' }
    : place;
}

function ownPlace(address: Address, listed: readonly Range[]): Place {
  const range = address.range();
  if (range === 'loopback') return { kind: 'loopback', words: 'an address of this machine' };
  if (METADATA.has(address.toString()))
    return { kind: 'barred', words: 'an address where cloud machines keep their credentials' };
  if (range === 'unicast') {
    return address.kind() === 'ipv4' || isGlobal(address as ipaddr.IPv6)
      ? { kind: 'public', words: 'a public address' }
      : { kind: 'barred', words: 'no address of the public internet' };
  }
  const words = Object.hasOwn(LISTABLE, range) ? LISTABLE[range] : undefined;
  if (words === undefined) return { kind: 'barred', words: WORDS[range] ?? `an address for special use (${range})` };
  const isListed = listed.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
  return { kind: isListed ? 'listed' : 'private', words };
}

/** RFC 4291, section 2.4: all that is handed out is in 2000::/3. */
const isGlobal = ({ parts }: ipaddr.IPv6): boolean => ((parts[0] ?? 0) & 0xe000) === 0x2000;

/** The IPv4 address that an IPv6 address stands for: mapped (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056). */
function carriedBy(
  address: ipaddr.IPv6,
): { readonly address: ipaddr.IPv4; readonly isTranslated: boolean } | undefined {
  const { parts } = address;
  const range = address.range();
  if (range === 'ipv4Mapped') return { address: address.toIPv4Address(), isTranslated: false };
  // The other NAT64 prefix (RFC 8215) says not where in it the address is: it stays an address for special use.
  if (range === 'rfc6052' && parts[2] === 0) return { address: fromParts(parts[6], parts[7]), isTranslated: true };
  return range === '6to4' ? { address: fromParts(parts[1], parts[2]), isTranslated: true } : undefined;
}

const fromParts = (high = 0, low = 0): ipaddr.IPv4 => new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
