import type { ServerAddress } from '../../domain/policy.ts';
import type { Result } from '../../domain/result.ts';
import { openHttpLink } from './http-link.ts';
import type { Link, LinkOptions } from './link.ts';
import { openStdioLink } from './stdio-link.ts';

/** A link of the transport that the address asks for. Refused with a sentence without a full stop. */
export const openLink = (address: ServerAddress, options: LinkOptions): Promise<Result<Link, string>> =>
  address.kind === 'stdio' ? openStdioLink(address, options) : openHttpLink(new URL(address.url), options);
