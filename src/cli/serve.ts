/** `tollgate serve`: one process that owns the ledger and the servers. */
import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import { printable } from '../domain/printable.ts';
import { type Gateway, type NotOpened, openGateway } from '../gateway.ts';
import { homeOf } from '../home.ts';
import { banner } from './banner.ts';
import { deploymentOf } from './deployment.ts';
import { EXIT, Exit } from './exit.ts';
import { newId } from './ids.ts';
import { keepMemoryPrivate } from './keep-memory-private.ts';
import { noLongerProduction, productionStanding } from './production.ts';
import { colours } from './terminal.ts';

export interface ServeOptions {
  readonly policy: readonly string[];
  readonly config: string | undefined;
  readonly port: number | undefined;
  readonly store: string | undefined;
  readonly anonymous: boolean;
  readonly json: boolean;
  readonly untilIdle: boolean;
  readonly version: string;
}

const EXIT_OF: Readonly<Record<NotOpened['kind'], number>> = {
  policy: EXIT.config,
  identity: EXIT.config,
  server: EXIT.unavailable,
  address: EXIT.unavailable,
  running: EXIT.unavailable,
};

/** How long a gateway that a shim started outlives its last shim, in milliseconds. */
const IDLE = 10 * 60_000;

export async function serve(options: ServeOptions): Promise<void> {
  const home = homeOf(process.env);
  const config = configOf(options);
  const report = (line: string): void => {
    if (options.json) process.stdout.write(`${JSON.stringify({ event: 'report', line })}\n`);
    else process.stderr.write(`${colours.dim(printable(line))}\n`);
  };
  keepMemoryPrivate(report);
  const opened = await openGateway({
    home,
    config,
    policies: options.policy.map((file) => resolve(file)),
    anonymous: options.anonymous,
    user: userInfo().username,
    version: options.version,
    now: Date.now,
    newId,
    report,
  });
  if (!opened.ok) throw new Exit(EXIT_OF[opened.error.kind], opened.error.problems);
  for (const line of noLongerProduction(home, config.servers)) report(line);
  const production = await productionStanding(opened.value.profiles.values());
  const { reload } = opened.value;
  process.on('SIGHUP', () => void reload().catch((fault: unknown) => report(`fault: ${String(fault)}`)));
  // Heard before it is announced: whoever reads that it listens may end it at once.
  const end = ended(opened.value, options.untilIdle);
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...listening(opened.value), production: Object.fromEntries(production) })}\n`
      : banner(opened.value, home, { policy: options.policy[0], production }),
  );
  await end;
  await opened.value.close();
}

function configOf(options: ServeOptions): Config {
  const config = deploymentOf(options.config);
  return {
    ...config,
    listen: { ...config.listen, port: options.port ?? config.listen.port },
    store: options.store ?? config.store,
  };
}

const listening = (gateway: Gateway): object => ({
  event: 'listening',
  url: gateway.url,
  token_file: gateway.tokenFile,
  api_token_file: gateway.apiTokenFile,
  profiles: [...gateway.profiles.keys()],
  policies_waiting: gateway.waiting(),
  pid: process.pid,
});

/** Resolves at SIGINT or SIGTERM, and with `untilIdle` when no shim was connected for a while. */
function ended(gateway: Gateway, untilIdle: boolean): Promise<void> {
  return new Promise((end) => {
    process.once('SIGINT', () => end());
    process.once('SIGTERM', () => end());
    if (!untilIdle) return;
    let idleSince = Date.now();
    const watch = setInterval(() => {
      if (gateway.connected() > 0) idleSince = Date.now();
      if (Date.now() - idleSince < IDLE) return;
      clearInterval(watch);
      end();
    }, 1000);
    watch.unref();
  });
}
