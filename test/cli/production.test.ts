/** Production as the person at the terminal meets it: at start, in a hold, in a session, and when it is no longer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { atTerminal, FIRST_TIME } from '../stories/support/person.ts';
import { environmentOf, type RunningGateway, startGateway, TOLLGATE, temporaryFolder } from '../support/gateway.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const SLOW = { timeout: 180_000 };
const POLICY = 'version: 1\nprofile: desk\nwho: local\ntools: { rough.rough: { effect: read } }\n';

interface Deployed {
  readonly folder: string;
  readonly server: RecordingServer;
  /** Says in gateway.yaml what the server `rough` serves. */
  says(environment: string): void;
  start(): Promise<RunningGateway>;
}

function deployed(): Deployed {
  const folder = temporaryFolder();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const server = recordingServer(folder);
  const config = join(folder, 'gateway.yaml');
  return {
    folder,
    server,
    says: (environment) =>
      writeFileSync(config, `version: 1\nservers: { rough: ${server.yaml.slice(0, -1)}${environment} } }\n`),
    start: async () => {
      const gateway = await startGateway(POLICY, { folder, words: ['--config', config] });
      onTestFinished(() => gateway.stop());
      return gateway;
    },
  };
}

let marks = 0;
const call = (gateway: RunningGateway): Promise<string> =>
  post(gateway, legacyCall('rough__rough', { do: 'echo', mark: ++marks })).then(textOf);

async function onlySession(gateway: RunningGateway): Promise<string> {
  const { stdout } = await gateway.command('sessions', '--json');
  const [one] = JSON.parse(stdout) as { readonly session: { readonly id: string } }[];
  return one?.session.id ?? '';
}

/** What the gateway shows when it starts without `--json`. */
async function bannerOf({ folder }: Deployed): Promise<string> {
  const words = ['serve', '--policy', join(folder, 'policy.yaml'), '--config', join(folder, 'gateway.yaml')];
  const child = spawn(process.execPath, [TOLLGATE, ...words, '--port', '0'], {
    env: environmentOf(folder),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let shown = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    shown += String(chunk);
    if (shown.includes('Nothing is forgotten.')) break;
  }
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
  return shown;
}

test('a person sees what a yes opens, and which sessions it opened', SLOW, async () => {
  const deployment = deployed();
  deployment.says(', environment: production');
  const gateway = await deployment.start();
  const held = call(gateway);
  const hold = await waitingHold(gateway);
  const session = await onlySession(gateway);
  const { stdout: before } = await gateway.command('session', 'show', session, '--config', configOf(deployment));
  expect(before).toMatch(/production +waits for a person before it reaches rough\n/);

  const { screen } = await atTerminal({ env: environmentIn(deployment.folder) }, ['approve', hold], FIRST_TIME);
  expect(screen).toContain(
    'rough is production; a yes lets this session reach it from then on  servers.rough.environment',
  );
  expect(screen).toContain('Its session may reach rough (production) then, for as long as it lives.');
  expect(await held).toBe('ok');
  expect(await call(gateway)).toBe('ok');
  expect(deployment.server.calls()).toHaveLength(2);
  const { stdout: after } = await gateway.command('session', 'show', session, '--config', configOf(deployment));
  expect(after).toMatch(/production +may reach rough\n/);
  await gateway.stop();
  expect(await bannerOf(deployment)).toContain(
    `  production     rough  each session waits for a person first; ${session} may reach it now\n`,
  );
});

test('a server that is no longer production is told once, at the next start', SLOW, async () => {
  const deployment = deployed();
  const told = async (): Promise<readonly string[]> => {
    const gateway = await deployment.start();
    const { reports } = gateway;
    await gateway.stop();
    return reports.filter((line) => line.includes('environment'));
  };
  deployment.says(', environment: production');
  for (const start of ['first', 'second']) expect([start, await told()]).toEqual([start, []]);
  deployment.says(', environment: staging');
  expect(await told()).toEqual([
    expect.stringContaining(
      'gateway.yaml: the server rough is no longer "environment: production": sessions reach it without asking a person',
    ),
  ]);
  expect(await told()).toEqual([]);
});

test('policy check warns of it, and explain says who is asked', SLOW, async () => {
  const deployment = deployed();
  deployment.says(', environment: production');
  const gateway = await deployment.start();
  const words = ['--config', configOf(deployment)];
  expect((await gateway.command('policy', 'check', gateway.policy, ...words)).stdout).toContain(
    'rough is production: each session waits for a person before it reaches it',
  );
  const asked = ['policy', 'explain', gateway.policy, 'rough.rough', '{}'] as const;
  expect((await gateway.command(...asked, ...words)).stdout).toMatch(/^HOLD {2}rough\.rough: rough is production/);
  const given = ['--given', '{"production":["rough"]}'];
  expect((await gateway.command(...asked, ...words, ...given)).stdout).toMatch(/^ALLOW/);
});

/** The same for a terminal, which takes no variable that is not set. */
const environmentIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environmentOf(folder)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

const configOf = ({ folder }: Deployed): string => join(folder, 'gateway.yaml');

async function waitingHold(gateway: RunningGateway): Promise<string> {
  for (;;) {
    const { stdout } = await gateway.command('holds', '--json');
    const [one] = stdout === '' ? [] : (JSON.parse(stdout) as { readonly id: string }[]);
    if (one !== undefined) return one.id;
  }
}
