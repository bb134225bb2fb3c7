import { ok, type Result, refuse } from '../domain/result.ts';
import type { Doorkeeper } from './conversation.ts';
import { type HttpDoor, type HttpOptions, listenHttp } from './http.ts';

/** Listens, or refuses with a line for a person that says what to do. */
export async function listenAt(keeper: Doorkeeper, options: HttpOptions): Promise<Result<HttpDoor, string>> {
  const { host, port } = options;
  try {
    return ok(await listenHttp(keeper, options));
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    const why =
      code === 'EADDRINUSE'
        ? 'is in use: stop what listens there, or choose another with --port'
        : `cannot be listened on (${code})`;
    return refuse(`port ${port} of ${host} ${why}`);
  }
}
