import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { homeOf } from '../../src/home.ts';
import { until } from '../support/downstream.ts';
import { environmentOf, type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { type OtlpSink, otlpSink, type SinkSpan } from '../support/otlp-sink.ts';
import { enrolPerson, type Person, visit } from '../support/person.ts';
import { type Answered, legacyCall, modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';
import { serveHttp } from '../support/servers/http-fixture.ts';

const folder = temporaryFolder();
let sink: OtlpSink;
let gateway: RunningGateway;
let server: RecordingServer;
let person: Person;

const policyOf = (recording: RecordingServer): string => `version: 1
profile: tracing
who: local
servers: { rough: ${recording.yaml} }
tools:
  rough.rough: { effect: read, arguments: { level: { maximum: 5 } } }
  rough.other: { effect: irreversible, approval: { reason: Look first. } }
budgets: { session: { calls: 500 } }
`;

beforeAll(async () => {
  sink = await otlpSink();
  server = recordingServer(folder);
  person = await enrolPerson(homeOf(environmentOf(folder)));
  gateway = await startGateway(policyOf(server), {
    folder,
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: sink.url, OTEL_BSP_SCHEDULE_DELAY: '20' },
  });
});

afterAll(async () => {
  await gateway.stop();
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

let traces = 0;
/** A client's own span, sampled. */
function clientSpan(): { traceId: string; spanId: string; traceparent: string } {
  traces += 1;
  const traceId = `${'ab'.repeat(12)}${String(traces).padStart(8, '0')}`;
  const spanId = `cd${String(traces).padStart(14, '0')}`;
  return { traceId, spanId, traceparent: `00-${traceId}-${spanId}-01` };
}

interface Traced extends Answered {
  readonly client: ReturnType<typeof clientSpan>;
  readonly spans: readonly SinkSpan[];
  one(kind: SinkSpan['kind'], name?: RegExp): SinkSpan;
}

/** Makes a call in a trace of its own, and waits until its SERVER span was exported: it ends last. */
async function traced(name: string, given: JsonObject, meta: JsonObject = {}): Promise<Traced> {
  const client = clientSpan();
  const _meta = { traceparent: client.traceparent, tracestate: 'vendor=opaque', ...meta };
  const call = modernRequest('tools/call', { name, arguments: given, _meta });
  const answered = await post(gateway, call, modernHeaders(call));
  const ofTrace = (): readonly SinkSpan[] => sink.spans.filter((span) => span.traceId === client.traceId);
  await until(() => ofTrace().some((span) => span.kind === 'SERVER'));
  const spans = ofTrace();
  return {
    ...answered,
    client,
    spans,
    one: (kind, pattern = /./) => {
      const found = spans.filter((span) => span.kind === kind && pattern.test(span.name));
      if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} ${kind} spans`);
      return found[0];
    },
  };
}

const sessionOf = async (): Promise<string> =>
  JSON.parse((await gateway.command('sessions', '--json')).stdout)[0].session.id;

describe('a call', () => {
  test("is one trace: the SERVER span under the client's own, the CLIENT span under it, and its context goes downstream", async () => {
    const call = await traced('rough__rough', { do: 'echo', mark: 'whole' });
    const [serving, sending] = [call.one('SERVER'), call.one('CLIENT')];
    expect(serving.parentSpanId).toBe(call.client.spanId);
    expect(sending.parentSpanId).toBe(serving.spanId);
    expect(sending.start >= serving.start && sending.end <= serving.end).toBe(true);
    const sent = server.received().findLast((message) => message.params.arguments?.['mark'] === 'whole');
    expect(sent?.params._meta).toMatchObject({
      traceparent: `00-${call.client.traceId}-${sending.spanId}-01`,
      tracestate: 'vendor=opaque',
    });
  });

  test('carries the names and attributes of the conventions, and ours under tollgate.', async () => {
    const call = await traced('rough__rough', { do: 'echo' });
    const session = await sessionOf();
    expect(call.one('SERVER')).toMatchObject({
      name: 'tools/call rough__rough',
      status: undefined,
      attributes: {
        'mcp.method.name': 'tools/call',
        'mcp.protocol.version': '2026-07-28',
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': 'rough__rough',
        'gen_ai.conversation.id': session,
        'jsonrpc.request.id': '1',
        'network.transport': 'tcp',
        'network.protocol.name': 'http',
        'tollgate.session.id': session,
        'tollgate.session.state': 'running',
        'tollgate.profile': 'tracing',
        'tollgate.policy.version': expect.stringMatching(/^sha256:/),
        'tollgate.effect': 'read',
        'tollgate.decision': 'allow',
        'tollgate.rule': ['rough.rough'],
        'tollgate.outcome': 'ok',
        'tollgate.journal.entry': expect.stringMatching(new RegExp(`^${session}/\\d+$`)),
        'tollgate.budget.left.calls': expect.any(Number),
      },
    });
    expect(call.one('CLIENT')).toMatchObject({
      name: 'tools/call rough',
      status: undefined,
      attributes: {
        'mcp.method.name': 'tools/call',
        'mcp.protocol.version': '2025-11-25',
        'gen_ai.tool.name': 'rough',
        'network.transport': 'pipe',
        'tollgate.server': 'rough',
        'tollgate.attempt': 1,
        'tollgate.outcome': 'ok',
      },
    });
    const { stdout } = await gateway.command('trace', session, '--json');
    const entries = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const intent = entries.findLast((entry) => entry.kind === 'intent');
    expect(call.one('SERVER').attributes['tollgate.journal.entry']).toBe(`${session}/${intent.seq}`);
    expect(intent.body.trace).toBe(`00-${call.client.traceId}-${call.one('SERVER').spanId}-01`);
  });

  test("that fails is an error: by the tool, by JSON-RPC, by the server's death", async () => {
    const failed = async (given: JsonObject) => {
      const call = await traced('rough__rough', given);
      return ['SERVER', 'CLIENT'].map((kind) => {
        const { status, attributes } = call.one(kind as 'SERVER');
        return [status, attributes['error.type'], attributes['rpc.response.status_code']];
      });
    };
    const result = { content: [], isError: true };
    expect(await failed({ do: 'raw', result })).toEqual(Array(2).fill(['ERROR', 'tool_error', undefined]));
    expect(await failed({ do: 'error' })).toEqual(Array(2).fill(['ERROR', '-32602', '-32602']));
    expect(await failed({ do: 'exit' })).toEqual(Array(2).fill(['ERROR', 'unknown', undefined]));
  });

  test.each([
    ['denied', 'rough__rough', { do: 'echo', level: 9 }, { 'tollgate.rule': ['rough.rough.arguments.level'] }],
    ['target_unknown', 'rough__none', {}, {}],
    ['invalid_arguments', 'tollgate__continue', { hold: 'h_none' }, {}],
  ])('that is refused (%s) is a span, and no error of the gateway', async (reason, name, given, more) => {
    const call = await traced(name, given);
    expect(call.spans).toHaveLength(1);
    expect(call.one('SERVER')).toMatchObject({
      status: undefined,
      attributes: { 'tollgate.decision': 'deny', 'tollgate.refusal': reason, ...more },
    });
    expect(call.one('SERVER').attributes).not.toHaveProperty(['error.type']);
  });

  test('without a traceparent, or with a malformed one, begins a trace of its own', async () => {
    for (const traceparent of [undefined, 'ff', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`]) {
      const before = sink.spans.length;
      const call = legacyCall('rough__rough', { do: 'echo', mark: `began ${traceparent}` });
      const _meta = traceparent === undefined ? {} : { traceparent };
      await post(gateway, { ...call, params: { ...(call['params'] as JsonObject), _meta } });
      await until(() => sink.spans.slice(before).some((span) => span.kind === 'SERVER'));
      const serving = sink.spans.slice(before).find((span) => span.kind === 'SERVER');
      expect([serving?.parentSpanId, serving?.traceId]).toEqual([
        undefined,
        expect.stringMatching(/^(?!0{32})\w{32}$/),
      ]);
    }
  });

  test('over HTTP joins the trace of its headers where the message carries none', async () => {
    const { traceId, spanId, traceparent } = clientSpan();
    await post(gateway, legacyCall('rough__rough', { do: 'echo' }), { traceparent });
    await until(() => sink.spans.some((span) => span.traceId === traceId && span.kind === 'SERVER'));
    expect(sink.spans.find((span) => span.traceId === traceId && span.kind === 'SERVER')?.parentSpanId).toBe(spanId);
  });
});

describe('a held call', () => {
  test('has its wait as an INTERNAL span once it is decided, with who decided', async () => {
    const waiting = traced('rough__other', { do: 'echo', mark: 'approved' });
    const ledger = await visit(gateway.home);
    onTestFinished(() => ledger.close());
    const open = () => ledger.holds({ open: true }, Date.now());
    await until(async () => (await open()).length > 0);
    const [hold] = await open();
    if (hold === undefined) throw new Error('there is no hold');
    const decision = person.sign(ledger, hold, 'approve');
    await ledger.decide(hold.id, decision);
    const call = await waiting;
    expect(textOf(call)).toBe('ok');
    const [serving, approval] = [call.one('SERVER'), call.one('INTERNAL', /^approval$/)];
    expect(approval).toMatchObject({
      parentSpanId: serving.spanId,
      status: undefined,
      attributes: { 'tollgate.hold.id': hold.id, 'tollgate.approver': 'ada' },
    });
    expect([approval.start, approval.end].map((time) => Number(time / 1_000_000n))).toEqual([
      hold.placedAt,
      decision.at,
    ]);
    expect(serving.attributes).toMatchObject({
      'tollgate.hold.id': hold.id,
      'tollgate.approver': 'ada',
      'tollgate.decision': 'hold',
      'tollgate.effect': 'irreversible',
    });
    expect(call.one('CLIENT').parentSpanId).toBe(serving.spanId);
    const again = await traced('rough__other', { do: 'echo', mark: 'approved' });
    expect(textOf(again)).toMatch(/^RECORDED/);
    expect(again.one('SERVER').attributes).toMatchObject({ 'tollgate.recorded': true });
    expect(again.spans.filter((span) => span.kind === 'CLIENT')).toEqual([]);
  });
});

test('no span holds an argument, a result, a progress text, a token or what a server complained of', async () => {
  const canary = 'canary-4711';
  for (const given of [
    { do: 'echo', secret: canary },
    { do: 'raw', result: { content: [{ type: 'text', text: canary }], structuredContent: { canary } } },
    { do: 'raw', result: { content: [{ type: 'text', text: canary }], isError: true } },
    { do: 'echo', level: 9, secret: canary },
    { do: 'error' },
    { do: 'exit' },
  ])
    await traced('rough__rough', given);
  const all = sink.texts.join('\n');
  expect(all).toContain('rough__rough');
  expect(all).not.toContain(canary);
  expect(all).not.toContain(gateway.token ?? '-');
  // What the server said in its JSON-RPC error, and on stderr before it died.
  expect(sink.spans.map((span) => span.message)).not.toContain('bad');
  expect(all).not.toContain('out of paper');
  expect(all).not.toMatch(/gen_ai\.tool\.call\.(?:arguments|result)/);
});

describe('telemetry that is not there', () => {
  async function apart(environment: Readonly<Record<string, string>>) {
    const aside = temporaryFolder();
    const recording = recordingServer(aside);
    const other = await startGateway(policyOf(recording), { folder: aside, environment });
    onTestFinished(async () => {
      await other.stop();
      rmSync(aside, { recursive: true, force: true });
    });
    return { other, recording };
  }

  test("because none is named: nothing is exported, nothing fails, and the client's own context goes on downstream", async () => {
    const before = sink.texts.length;
    const { other, recording } = await apart({});
    const { traceparent } = clientSpan();
    const call = modernRequest('tools/call', {
      name: 'rough__rough',
      arguments: { do: 'echo' },
      _meta: { traceparent },
    });
    expect(textOf(await post(other, call, modernHeaders(call)))).toBe('ok');
    const sent = recording.received().find((message) => message.method === 'tools/call');
    expect(sent?.params._meta).toMatchObject({ traceparent });
    await other.stop();
    expect(sink.texts.slice(before).join()).not.toContain(traceparent.split('-')[1]);
    expect(other.reports.filter((line) => /trace|fault/.test(line))).toEqual([]);
  });

  test('because nobody listens: calls go on, and one line says so', async () => {
    const gone = await serveHttp(() => undefined);
    await gone.close();
    const { other } = await apart({
      OTEL_EXPORTER_OTLP_ENDPOINT: new URL(gone.url).origin,
      OTEL_BSP_SCHEDULE_DELAY: '20',
    });
    for (let call = 0; call < 3; call++)
      expect(textOf(await post(other, legacyCall('rough__rough', { do: 'echo', call })))).toBe('ok');
    await other.stop();
    expect(other.reports.filter((line) => /trace|fault/.test(line))).toEqual([
      expect.stringMatching(/^traces do not reach http:\/\/127\.0\.0\.1:\d+\/v1\/traces; calls go on without them$/),
    ]);
  });
});
