import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startTelemetry, type Telemetry } from '../../src/telemetry/otel.ts';

/** What an OTLP/HTTP collector got. */
interface Export {
  readonly path: string;
  readonly type: string | undefined;
  readonly service: Readonly<Record<string, string>>;
  readonly spans: readonly string[];
}

let collector: Server;
let address: string;
let status: number;
let exports: Export[];
let reports: string[];

beforeEach(async () => {
  [status, exports, reports] = [200, [], []];
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_SERVICE_NAME']) {
    vi.stubEnv(name, undefined);
  }
  collector = createServer(async (request, response) => {
    exports.push(await exportOf(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  await once(collector.listen(0, '127.0.0.1'), 'listening');
  address = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});

afterEach(async () => {
  vi.unstubAllEnvs();
  if (collector.listening) await closed(collector);
});

function closed(server: Server): Promise<unknown> {
  server.close();
  server.closeAllConnections();
  return once(server, 'close');
}

async function exportOf(request: IncomingMessage): Promise<Export> {
  const body = JSON.parse(await text(request));
  const [{ resource, scopeSpans = [] }] = body.resourceSpans ?? body.resourceMetrics ?? body.resourceLogs;
  return {
    path: request.url ?? '',
    type: request.headers['content-type'],
    service: Object.fromEntries(
      resource.attributes.map(({ key, value }: { key: string; value: { stringValue: string } }) => [
        key,
        value.stringValue,
      ]),
    ),
    spans: scopeSpans.flatMap(({ spans }: { spans: { name: string }[] }) => spans.map(({ name }) => name)),
  };
}

const start = (endpoint: string | undefined): Promise<Telemetry> =>
  startTelemetry({ endpoint, version: '1.2.3', report: (line) => reports.push(line) });

/** Makes spans of these names and hands them over. */
async function trace(telemetry: Telemetry, ...names: readonly string[]): Promise<void> {
  for (const name of names) telemetry.tracer?.startSpan(name).end();
  await telemetry.shutdown();
}

const probe = (...endpoint: readonly string[]) =>
  promisify(execFile)(process.execPath, [fileURLToPath(new URL('telemetry-probe.ts', import.meta.url)), ...endpoint]);

describe('spans', () => {
  test('reach the collector as JSON, in one batch, with the name and version of the service', async () => {
    await trace(await start(address), 'tools/call a', 'tools/call b');
    expect(exports).toEqual([
      {
        path: '/v1/traces',
        type: 'application/json',
        service: expect.objectContaining({ 'service.name': 'tollgate', 'service.version': '1.2.3' }),
        spans: ['tools/call a', 'tools/call b'],
      },
    ]);
    expect(reports).toEqual([]);
  });

  test('carry no command line, host or user', async () => {
    await trace(await start(address), 'a');
    expect(Object.keys(exports[0]?.service ?? {}).sort()).toEqual([
      'service.name',
      'service.version',
      'telemetry.sdk.language',
      'telemetry.sdk.name',
      'telemetry.sdk.version',
    ]);
  });

  test('of a second start in one process reach its own collector', async () => {
    await trace(await start(`${address}/first/`), 'a');
    await trace(await start(`${address}/second`), 'b');
    expect(exports.map(({ path, spans }) => [path, ...spans])).toEqual([
      ['/first/v1/traces', 'a'],
      ['/second/v1/traces', 'b'],
    ]);
  });
});

describe('the collector', () => {
  test('may be named by OTEL_EXPORTER_OTLP_ENDPOINT, and the service by OTEL_SERVICE_NAME', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${address}/base`);
    vi.stubEnv('OTEL_SERVICE_NAME', 'gate-7');
    await trace(await start(undefined), 'a');
    expect(exports.map(({ path, service }) => [path, service['service.name']])).toEqual([
      ['/base/v1/traces', 'gate-7'],
    ]);
  });

  test('named for traces by OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is taken as it is', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${address}/base`);
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${address}/exactly`);
    await trace(await start(undefined), 'a');
    expect(exports.map(({ path }) => path)).toEqual(['/exactly']);
  });

  test('of the configuration outranks the environment', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', `${address}/exactly`);
    await trace(await start(`${address}/ours`), 'a');
    expect(exports.map(({ path }) => path)).toEqual(['/ours/v1/traces']);
  });

  test('gets traces only, even where the environment asks for metrics and logs', async () => {
    vi.stubEnv('OTEL_NODE_EXPERIMENTAL_SDK_METRICS', 'true');
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', address);
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'otlp');
    vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json');
    await trace(await start(undefined), 'a');
    expect(exports.map(({ path }) => path)).toEqual(['/v1/traces']);
  });
});

describe('without a collector', () => {
  test('there is no tracer, and nothing of OpenTelemetry is loaded', async () => {
    expect(JSON.parse((await probe()).stdout)).toEqual({ tracer: false, loaded: [] });
    expect(JSON.parse((await probe(address)).stdout)).toEqual({
      tracer: true,
      loaded: expect.arrayContaining(['@opentelemetry/sdk-node']),
    });
  });

  test.each(['', undefined])('named %j there is no tracer', async (name) => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', name);
    expect((await start(undefined)).tracer).toBeUndefined();
  });

  test('but with a name that is no URL there is no tracer, and one line says so', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost');
    expect((await start(undefined)).tracer).toBeUndefined();
    expect(reports).toEqual(['traces are not sent: the address of the collector is no URL']);
  });
});

describe('a collector that fails', () => {
  test('by being away is told of once, without its password, and loses spans only', async () => {
    await closed(collector);
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '1');
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '1');
    await trace(await start(`${address.replace('//', '//user:secret@')}/base?key=secret`), 'a', 'b', 'c');
    expect(reports).toEqual([`traces do not reach ${address}/base; calls go on without them`]);
  });

  test('by refusing is told of once', async () => {
    status = 400;
    vi.stubEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '1');
    await trace(await start(address), 'a', 'b', 'c');
    await vi.waitFor(() => expect(exports).toHaveLength(3));
    expect(reports).toEqual([`traces do not reach ${address}/v1/traces; calls go on without them`]);
  });

  test('prints one line in all, even where the SDK is asked to log', async () => {
    status = 400;
    vi.stubEnv('OTEL_LOG_LEVEL', 'info');
    const { stdout, stderr } = await probe(address);
    expect(stderr).toBe(`traces do not reach ${address}/v1/traces; calls go on without them\n`);
    expect(stdout.split('\n')).toHaveLength(2);
  });
});
