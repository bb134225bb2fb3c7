import { rmSync } from 'node:fs';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../support/downstream.ts';
import { startGateway, temporaryFolder } from '../support/gateway.ts';
import { otlpSink } from '../support/otlp-sink.ts';
import { legacyCall, post, textOf } from '../support/posts.ts';
import { recordingServer } from '../support/recording-server.ts';

test('a span says which rules only observed, apart from those that decided, and quotes nothing', async () => {
  const folder = temporaryFolder();
  const sink = await otlpSink();
  const server = recordingServer(folder);
  const rules = 'limits: [{ count: calls, within: 1h, max: 1, mode: observe, reason: canary }]';
  const policy = `version: 1\nprofile: observing\nwho: local\nservers: { rough: ${server.yaml} }\ntools: { rough.rough: { effect: read, ${rules} } }\n`;
  const gateway = await startGateway(policy, {
    folder,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_BSP_SCHEDULE_DELAY: '20' },
  });
  onTestFinished(async () => {
    await gateway.stop();
    await sink.close();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const n of [1, 2]) expect(textOf(await post(gateway, legacyCall('rough__rough', { do: 'echo', n })))).toBe('ok');
  const served = () => sink.spans.filter((span) => span.kind === 'SERVER');
  await until(() => served().length === 2);
  const told = served().map(({ attributes }) => ({
    decision: attributes['tollgate.decision'],
    by: attributes['tollgate.rule'],
    observed: attributes['tollgate.observed'],
  }));
  expect(told).toEqual([
    { decision: 'allow', by: ['rough.rough'], observed: undefined },
    { decision: 'allow', by: ['rough.rough'], observed: ['deny by rough.rough.limits.0'] },
  ]);
  expect(inspect(sink.spans, { depth: null, maxStringLength: null })).not.toContain('canary');
});
