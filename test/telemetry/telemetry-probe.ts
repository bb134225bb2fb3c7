/**
 * A process with telemetry: names its collector by its argument, if any, makes one span and prints which OpenTelemetry packages
 * were loaded. What telemetry reports goes to standard error.
 */
import { registerHooks } from 'node:module';

const loaded = new Set<string>();
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('@opentelemetry/')) loaded.add(specifier);
    return next(specifier, context);
  },
});
const { startTelemetry } = await import('../../src/telemetry/otel.ts');
const telemetry = await startTelemetry({ endpoint: process.argv[2], version: '0', report: console.error });
telemetry.tracer?.startSpan('a').end();
await telemetry.shutdown();
console.log(JSON.stringify({ tracer: telemetry.tracer !== undefined, loaded: [...loaded] }));
