/** The one call that is measured: `tools/call` with a 64-byte argument on the wire of 2026-07-28. */

export const REVISION = '2026-07-28';

/** Bytes of the argument; the last eight count, so that no two calls are the same. */
export const ARGUMENT_BYTES = 64;
const COUNTER_DIGITS = 8;
const FILLER = 'x'.repeat(ARGUMENT_BYTES - COUNTER_DIGITS);

export const argumentOf = (count: number): string => FILLER + `${count}`.padStart(COUNTER_DIGITS, '0');

const META = JSON.stringify({
  'io.modelcontextprotocol/protocolVersion': REVISION,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
});

export const bodyOf = (id: number, tool: string, text: string): string =>
  `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"text":"${text}"},"_meta":${META}}}`;

/** Names and values in turn. */
export const headersOf = (tool: string, token: string | undefined): string[] => [
  ...['content-type', 'application/json', 'accept', 'application/json, text/event-stream'],
  ...['mcp-protocol-version', REVISION, 'mcp-method', 'tools/call', 'mcp-name', tool],
  ...(token === undefined ? [] : ['authorization', `Bearer ${token}`]),
];
