/**
 * Where spans go: over OTLP/HTTP as JSON, in batches, to the collector that is named, if any. Traces alone; nothing is instrumented
 * by itself, and the resource holds no host name and no command line. Sampling, batches and headers are as the standard
 * `OTEL_*` variables say.
 */
import type { Tracer } from '@opentelemetry/api';

export interface TelemetryOptions {
  /** The collector's base URL, as `OTEL_EXPORTER_OTLP_ENDPOINT` has it, which it outranks. */
  readonly endpoint: string | undefined;
  readonly version: string;
  /** Told once, in one line, if spans cannot be sent. */
  readonly report: (line: string) => void;
}

export interface Telemetry {
  /** Undefined where no collector is named: then no span is made. */
  readonly tracer: Tracer | undefined;
  /** Sends what is left, for at most about `SEND_WITHIN`. Never rejects. */
  shutdown(): Promise<void>;
}

/** How long one batch may take with all its retries, in milliseconds. */
const SEND_WITHIN = 3_000;

/**
 * Starts sending spans, once a process at a time. The SDK is loaded only where a collector is named. A collector that is away,
 * slow or broken costs spans, never a call: the queue is bounded, and what does not fit is dropped.
 */
export async function startTelemetry({ endpoint, version, report }: TelemetryOptions): Promise<Telemetry> {
  const off: Telemetry = { tracer: undefined, shutdown: async () => undefined };
  const named = tracesUrl(endpoint, process.env);
  if (named === undefined) return off;
  if (!URL.canParse(named)) {
    report('traces are not sent: the address of the collector is no URL');
    return off;
  }
  const [{ NodeSDK }, { OTLPTraceExporter }, api] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/api'),
  ]);
  const sdk = new NodeSDK({
    serviceName: process.env['OTEL_SERVICE_NAME'] || 'tollgate',
    resourceDetectors: [{ detect: () => ({ attributes: { 'service.version': version } }) }],
    traceExporter: new OTLPTraceExporter({ url: named, timeoutMillis: SEND_WITHIN }),
    // Empty lists, since what is left out would be filled from the environment, by default with exporters.
    metricReaders: [],
    logRecordProcessors: [],
  });
  // After the constructor, which sets a logger of its own. The SDK tells of each lost batch; people hear of the first.
  const { origin, pathname } = new URL(named);
  const unsent = once(() => report(`traces do not reach ${origin}${pathname}; calls go on without them`));
  const silent = (): void => undefined;
  const logger = { error: unsent, warn: silent, info: silent, debug: silent, verbose: silent };
  api.diag.setLogger(logger, { logLevel: api.DiagLogLevel.ERROR, suppressOverrideMessage: true });
  sdk.start();

  return {
    tracer: api.trace.getTracer('tollgate', version),
    async shutdown() {
      await sdk.shutdown().catch(unsent);
      for (const part of [api.trace, api.context, api.propagation, api.diag]) part.disable();
    },
  };
}

/** OTLP exporter specification, "Endpoint URLs for OTLP/HTTP": the one for traces is taken as it is, a base gets their path. */
function tracesUrl(endpoint: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  const exact = environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (endpoint === undefined && exact) return exact;
  const base = endpoint ?? environment['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return base ? `${base.replace(/\/+$/, '')}/v1/traces` : undefined;
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
