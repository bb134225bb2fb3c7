/** The Inspector's command line, pointed at a gateway in each way that it can be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type RunningGateway, TOLLGATE } from '../support/gateway.ts';

const LAUNCHER = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js', import.meta.url),
);

export interface Inspected {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end. */
export async function inspect(gateway: RunningGateway, words: readonly string[]): Promise<Inspected> {
  const child = spawn(process.execPath, [LAUNCHER, '--cli', ...words, '--format', 'json'], {
    env: gateway.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, stdout, stderr };
}

/** The words that point it at a gateway. */
export type Target = (gateway: RunningGateway) => readonly string[];

const overHttp: Target = ({ url, token }) => [
  ...[url, '--transport', 'http'],
  ...['--header', `Authorization: Bearer ${token}`],
];

export const TARGETS: readonly (readonly [name: string, target: Target, era: 'legacy' | 'modern'])[] = [
  ['over HTTP', overHttp, 'legacy'],
  ['over HTTP, modern', (gateway) => [...overHttp(gateway), '--protocol-era', 'modern'], 'modern'],
  [
    'over stdio',
    ({ home, policy }) => [
      ...['-e', `TOLLGATE_HOME=${home.folder}`],
      ...[process.execPath, TOLLGATE, 'stdio', '--policy', policy],
    ],
    'legacy',
  ],
];
