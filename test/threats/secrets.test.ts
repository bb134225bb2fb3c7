/** A secret from every place that there is, for a server each: it reaches that process, and nothing else that can be looked at. */
import { hash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiToken, ask } from '../support/api-posts.ts';
import { canarySecret, MARKED } from '../support/canaries.ts';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type OtlpSink, otlpSink } from '../support/otlp-sink.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';

const ROUGH = join(import.meta.dirname, '../support/servers/rough-stdio.ts');
const folder = temporaryFolder();
const bin = join(folder, 'bin');
const kept = join(folder, 'kept');
const reads = join(folder, 'reads');
const answers: string[] = [];
let gateway: RunningGateway;
let sink: OtlpSink;

interface Held {
  readonly variable: string;
  readonly secret: string;
  readonly reference: string;
}

function held(variable: string, referenceTo: (file: string) => string): Held {
  const secret = canarySecret(variable);
  const file = join(kept, variable);
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return { variable, secret, reference: referenceTo(file) };
}

const program = (name: string, script: string): string => {
  const file = join(bin, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  return file;
};

mkdirSync(bin);
mkdirSync(kept);
const SERVERS: Readonly<Record<string, Held>> = {
  reports: held('REPORTS_TOKEN', () => 'env://GATEWAY_REPORTS'),
  mail: held('MAIL_TOKEN', (file) => `file://${file}`),
  crm: held(
    'CRM_TOKEN',
    (file) => `exec://${program('vault', `echo x >> ${reads}; cat "$2"; cat "$2" >&2`)} read ${file}`,
  ),
  keys: held('KEYS_TOKEN', (file) => {
    program('secret-tool', `[ "$*" = "lookup service keys account tollgate" ] && cat ${file}`);
    return 'keychain://keys/tollgate';
  }),
};
const of = (name: string): Held => SERVERS[name] as Held;

const deployment = (servers: Readonly<Record<string, Pick<Held, 'variable' | 'reference'>>>): string => {
  const lines = Object.entries(servers).map(
    ([name, { variable, reference }]) =>
      `  ${name}: { command: [node, ${ROUGH}], env: { ${variable}: { secret: ${JSON.stringify(reference)} } } }`,
  );
  return `version: 1\nservers:\n${lines.join('\n')}\n`;
};
const policyFor = (names: readonly string[]): string =>
  `version: 1\nprofile: secrets\nwho: local\ntools: { ${names.map((name) => `${name}.rough: { effect: write }`).join(', ')} }\n`;

const words = (text: string): readonly string[] => {
  const file = join(folder, 'gateway.yaml');
  writeFileSync(file, text);
  return ['--config', file];
};

async function call(server: string, given: object): Promise<string> {
  const answer = await post(gateway, legacyCall(`${server}__rough`, { ...given }));
  answers.push(JSON.stringify(answer));
  return textOf(answer);
}

beforeAll(async () => {
  sink = await otlpSink();
  gateway = await startGateway(policyFor(Object.keys(SERVERS)), {
    folder,
    words: words(deployment(SERVERS)),
    environment: {
      PATH: `${bin}:${process.env['PATH']}`,
      GATEWAY_REPORTS: of('reports').secret,
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_BSP_SCHEDULE_DELAY: '20',
      NODE_OPTIONS: `--report-on-signal --report-directory=${folder}`,
    },
  });
  for (const server of Object.keys(SERVERS)) await call(server, { do: 'blurt', name: of(server).variable });
});
afterAll(async () => {
  await gateway.stop();
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

const processes = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Empty where the process is gone, or somebody else's. */
function readProcess(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

const LINUX = process.platform === 'linux';

describe('a secret', () => {
  test.each(Object.keys(SERVERS))('of %s is had by its process, and by no other', async (server) => {
    for (const { variable, secret } of Object.values(SERVERS)) {
      const expected = variable === of(server).variable ? secret : 'none';
      expect(await call(server, { do: 'digest-of', name: variable })).toBe(hash('sha256', expected));
    }
  });

  test('is in nothing that the gateway says: output, spans, answers, traces, exports, the API', async () => {
    await until(() => gateway.reports.filter((line) => line.includes('connecting with [secret]')).length >= 8);
    await until(() => sink.spans.some((span) => span.kind === 'SERVER'));
    const { body } = await ask(gateway, '/api/sessions', { token: apiToken(gateway) });
    const [{ id }] = body['sessions'] as [{ id: string }];
    const shown = await ask(gateway, `/api/sessions/${id}`, { token: apiToken(gateway) });
    const said = await Promise.all([
      gateway.command('trace', id, '--json'),
      gateway.command('session', 'export', id),
      gateway.command('sessions'),
      gateway.command('audit', 'verify'),
    ]);
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(said[1]?.stdout).toContain('digest-of');
    const all = [...gateway.reports, ...sink.texts, ...answers, shown.text, JSON.stringify([body, said])];
    expect(all.filter((text) => MARKED.test(text))).toEqual([]);
  });

  test('is in no file of the gateway', () => {
    const files = readdirSync(gateway.home.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files).toEqual(expect.arrayContaining([gateway.home.ledger, `${gateway.home.ledger}-wal`]));
    expect(files.filter((file) => MARKED.test(readFileSync(file, 'latin1')))).toEqual([]);
  });

  test.skipIf(!LINUX)('is in the environment of one process, and in no command line', () => {
    const holders: string[] = [];
    for (const pid of processes()) {
      expect(readProcess(pid, 'cmdline')).not.toMatch(MARKED);
      for (const variable of readProcess(pid, 'environ').split('\0')) {
        const server = Object.keys(SERVERS).find((name) => variable.includes(of(name).secret));
        if (server !== undefined)
          holders.push(`${pid === gateway.pid ? 'gateway' : 'server'} ${variable.split('=')[0]}`);
      }
    }
    // What the gateway itself was given stays in its own environment.
    expect(holders.toSorted()).toEqual([
      'gateway GATEWAY_REPORTS',
      ...Object.values(SERVERS)
        .map(({ variable }) => `server ${variable}`)
        .toSorted(),
    ]);
  });

  test.skipIf(!LINUX)('is in no core, in no diagnostic report, and behind no debugger', async () => {
    const children = readProcess(gateway.pid, `task/${gateway.pid}/children`).split(' ').filter(Boolean).map(Number);
    expect(children.length).toBeGreaterThan(0);
    for (const pid of [gateway.pid, ...children]) expect(readProcess(pid, 'coredump_filter').trim()).toBe('00000000');
    process.kill(gateway.pid, 'SIGUSR2');
    const reports = (): readonly string[] => readdirSync(folder).filter((name) => /^report\..*\.json$/.test(name));
    await until(() => reports().length > 0 && isWhole(join(folder, reports()[0] ?? '')));
    expect(reports().filter((name) => MARKED.test(readFileSync(join(folder, name), 'utf8')))).toEqual([]);
    process.kill(gateway.pid, 'SIGUSR1');
    await until(() => gateway.reports.some((line) => line.includes('SIGUSR1 is ignored')));
    expect(gateway.reports.join('\n')).not.toContain('Debugger listening');
  });

  test('is read by nobody who only checks, tests or explains a policy', async () => {
    const before = readFileSync(reads, 'utf8');
    for (const command of [['check'], ['test'], ['explain']]) {
      const more = command[0] === 'explain' ? ['crm.rough', '{"do":"echo"}'] : [];
      const done = await gateway.command('policy', ...command, gateway.policy, ...more, ...words(deployment(SERVERS)));
      expect([command, done.code, done.stderr]).toEqual([command, 0, expect.any(String)]);
    }
    expect(readFileSync(reads, 'utf8')).toBe(before);
  });
});

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

test('a gateway whose servers need secrets that are not there does not start, and says where in its file', async () => {
  const other = temporaryFolder();
  const loose = join(other, 'loose');
  writeFileSync(loose, canarySecret('LOOSE'), { mode: 0o644 });
  const missing = deployment({
    reports: { variable: 'REPORTS_TOKEN', reference: 'env://NOT_THERE' },
    mail: { variable: 'MAIL_TOKEN', reference: `file://${loose}` },
  });
  const started = startGateway(policyFor(['reports', 'mail']), { folder: other, words: words(missing) });
  const said = await started.then(
    () => 'it started',
    (fault: Error) => fault.message,
  );
  expect(said).toContain('exit code 69');
  expect(said).toContain(
    'gateway.yaml: servers.reports.env.REPORTS_TOKEN: the environment variable NOT_THERE is not set',
  );
  expect(said).toContain(`gateway.yaml: servers.mail.env.MAIL_TOKEN: ${loose} has mode 0644: others can use it`);
  expect(said).not.toMatch(MARKED);
  rmSync(other, { recursive: true, force: true });
});
