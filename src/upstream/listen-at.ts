/** Listens on an address, or says what is wrong with it. */
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Doorkeeper } from './conversation.ts';
import { type HttpDoor, type HttpOptions, listenHttp } from './http.ts';

interface NoAddress {
  readonly kind: 'address';
  readonly problems: readonly string[];
}

export async function listenAt(keeper: Doorkeeper, options: HttpOptions): Promise<Result<HttpDoor, NoAddress>> {
  const { host, port } = options;
  try {
    return ok(await listenHttp(keeper, options));
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? 'is in use: stop what listens there, or choose another with --port'
        : `cannot be listened on (${code})`;
    return refuse({ kind: 'address', problems: [`port ${port} of ${host} ${why}`] });
  }
}
