/** Takes what is exported over OTLP/HTTP in JSON, counts the spans and forgets them. Tells the count when it is asked. */
import { createServer } from 'node:http';
import { announce, KEEP_ALIVE } from './announce.ts';

const SPAN = '"spanId":';

let spans = 0;

/** Counted in the text, since parsing would take the processor from what is measured. A link counts as a span. */
function count(body: Buffer): void {
  for (let at = body.indexOf(SPAN); at !== -1; at = body.indexOf(SPAN, at + SPAN.length)) spans += 1;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    count(Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 2 });
    response.end('{}');
  });
});
server.keepAliveTimeout = KEEP_ALIVE;
process.on('message', () => process.send?.({ spans }));
announce(server);
