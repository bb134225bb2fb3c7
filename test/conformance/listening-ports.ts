/**
 * Goes before the suite in its process, and tells the clients that it starts on which ports it listens: what is on loopback a
 * deployment's file has to name, the suite's authorization servers included.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';

const ports: number[] = [];

subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const address = (message as { readonly server: Server }).server.address();
  if (address === null || typeof address === 'string') return;
  ports.push(address.port);
  process.env['CONFORMANCE_PORTS'] = ports.join(' ');
});
