/**
 * Connections that the gateway opens by itself. A name is looked up once, every address it has is judged, and what is
 * connected to is what was judged: there is no second look-up that could answer otherwise (DNS rebinding).
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { placeOf, rangesOf } from './place-of.ts';

/** The addresses of a name, at least one. Rejects where it has none. */
type LookUp = (name: string) => Promise<readonly string[]>;

export interface Guard {
  /** Private ranges that may be connected to, as CIDR. */
  readonly private: readonly string[];
  /** Whether the operator wrote a URL of this origin himself: a loopback origin that nobody wrote is refused. */
  readonly isWritten: (origin: string) => boolean;
  /** Where plain http goes, beside a loopback origin that is written. */
  readonly plain: 'nowhere' | 'listed';
  /** The system's by default. */
  readonly lookUp?: LookUp | undefined;
}

/** What undici opens a connection to an origin with. */
export type ConnectTo = (origin: string) => buildConnector.connector;

/** A connection that was not opened. The message is for the operator: host, address, and which key lets it through. */
class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress';
}

const addressesOf: LookUp = async (name) => (await systemLookup(name, { all: true })).map(({ address }) => address);

export function guardedConnect({ isWritten, plain, lookUp = addressesOf, ...guard }: Guard): ConnectTo {
  const ranges = rangesOf(guard.private);
  return (origin) => {
    const { protocol, hostname } = new URL(origin);
    const host = hostname.replace(/^\[|\]$/g, '');
    const isLiteral = isIP(host) !== 0;
    const judge = (address: string): RefusedAddress | undefined => {
      const { kind, words } = placeOf(address, ranges);
      const found = isLiteral ? `${host} is ${words}` : `${host} is at ${address}, ${words}`;
      if (kind === 'barred') return new RefusedAddress(`${found}: nothing there is ever connected to`);
      if (kind === 'private')
        return new RefusedAddress(`${found}: list its range under outgoing.private in gateway.yaml to reach it`);
      if (kind === 'loopback') {
        if ((isLiteral || isLocalName(host)) && isWritten(origin)) return undefined;
        return new RefusedAddress(
          `${found}: it is reached only by a URL with localhost or the address itself that stands in gateway.yaml or a policy`,
        );
      }
      if (protocol === 'https:' || (kind === 'listed' && plain === 'listed')) return undefined;
      return new RefusedAddress(`${found}: plain http does not go there, write https`);
    };
    const connect = buildConnector({ allowH2: false, lookup: judgedLookup(lookUp, judge) });
    if (!isLiteral) return connect;
    // No look-up is made of an address.
    return (options, callback) => {
      const refused = judge(host);
      if (refused === undefined) connect(options, callback);
      else process.nextTick(callback, refused, null);
    };
  };
}

/** RFC 6761, section 6.3. */
const isLocalName = (host: string): boolean => /(^|\.)localhost\.?$/.test(host);

/** One address that is refused refuses the name: who answers so means no good, or has to be listed. */
const judgedLookup =
  (lookUp: LookUp, judge: (address: string) => RefusedAddress | undefined): LookupFunction =>
  (name, options, callback) => {
    const judged = async () => {
      const addresses = await lookUp(name);
      for (const address of addresses) {
        const refused = judge(address);
        if (refused !== undefined) throw refused;
      }
      return addresses.map((address) => ({ address, family: isIP(address) }));
    };
    judged().then(
      (all) => {
        const [first] = all;
        if (first === undefined) callback(new RefusedAddress(`${name} has no address`), '');
        else if (options.all === true) callback(null, all);
        else callback(null, first.address, first.family);
      },
      (fault: NodeJS.ErrnoException) => callback(fault, ''),
    );
  };
