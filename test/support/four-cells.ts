/** Real servers of both eras over both transports, all with the same features. */
import type { ServerAddress } from '../../src/domain/policy.ts';
import { served } from './catalog.ts';
import { stdioServer } from './downstream.ts';
import { serveLegacyHttp } from './servers/legacy-http.ts';
import { serveModernHttp } from './servers/modern-http.ts';

export const FOUR_CELLS: readonly (readonly [string, () => Promise<ServerAddress>])[] = [
  ['legacy stdio', async () => stdioServer('legacy-stdio.ts')],
  ['legacy HTTP', async () => served(await serveLegacyHttp())],
  ['modern stdio', async () => stdioServer('modern-stdio.ts')],
  ['modern HTTP', async () => served(await serveModernHttp())],
];

/** What a tool of theirs said, which is JSON. */
export function saidIn(outcome: unknown): unknown {
  const { content } = (outcome as { result: { content: readonly { text: string }[] } }).result;
  return JSON.parse(content[0]?.text ?? '');
}
