/** A collector that keeps what it gets: OTLP/HTTP in JSON. */
import { putOut } from './canaries.ts';
import { serveHttp } from './servers/http-fixture.ts';

export interface SinkSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'other';
  readonly attributes: Readonly<Record<string, unknown>>;
  /** `ERROR`, or undefined. */
  readonly status: 'ERROR' | undefined;
  readonly message: string | undefined;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
}

export interface OtlpSink {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly SinkSpan[];
  /** All that was received, as it came. */
  readonly texts: readonly string[];
  /** The first span that is as asked, now or when it comes. */
  arrival(isIt: (span: SinkSpan) => boolean): Promise<SinkSpan>;
  close(): Promise<void>;
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly boolValue?: boolean;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly Value[] };
}

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Value }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}

export async function otlpSink(): Promise<OtlpSink> {
  const spans: SinkSpan[] = [];
  const texts: string[] = [];
  const awaited = new Set<() => void>();
  const served = await serveHttp(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    texts.push(body);
    putOut('spans', body);
    const { resourceSpans } = JSON.parse(body) as {
      resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
    };
    for (const { scopeSpans } of resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans.map(spanOf));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    for (const look of awaited) look();
  });
  const arrival = (isIt: (span: SinkSpan) => boolean): Promise<SinkSpan> =>
    new Promise((found) => {
      const look = (): void => {
        const span = spans.find(isIt);
        if (span === undefined) return;
        awaited.delete(look);
        found(span);
      };
      awaited.add(look);
      look();
    });
  return { url: new URL(served.url).origin, spans, texts, arrival, close: served.close };
}

const KINDS: Readonly<Record<number, SinkSpan['kind']>> = { 1: 'INTERNAL', 2: 'SERVER', 3: 'CLIENT' };

const spanOf = (span: OtlpSpan): SinkSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId || undefined,
  name: span.name,
  kind: KINDS[span.kind] ?? 'other',
  attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, plain(value)])),
  status: span.status?.code === 2 ? 'ERROR' : undefined,
  message: span.status?.message || undefined,
  start: BigInt(span.startTimeUnixNano),
  end: BigInt(span.endTimeUnixNano),
});

function plain(value: Value): unknown {
  if (value.arrayValue !== undefined) return value.arrayValue.values.map(plain);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}
