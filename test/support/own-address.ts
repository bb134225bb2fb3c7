/** An address of this machine that others could reach it by, and its range; undefined where it has only loopback. */
import { networkInterfaces } from 'node:os';
import { placeOf } from '../../src/outgoing/place-of.ts';

export function ownAddress(): { readonly address: string; readonly range: string } | undefined {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const own = all.find(({ address }) => placeOf(address, []).kind === 'private');
  return own && { address: own.address, range: own.cidr ?? '' };
}
