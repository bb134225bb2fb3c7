/** HTTP headers of MCP 2026-07-28 (basic/transports/streamable-http.mdx): they must say what the body says. */
import { HEADER_MISMATCH, type WireFault } from './faults.ts';
import type { Request } from './message.ts';

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

const SENTINEL = /^=\?base64\?(.*)\?=$/s;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Methods whose target stands in `Mcp-Name`, and the parameter it must equal. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The first header that does not say what the body says. */
export function headerFault(headers: Headers, request: Request, revision: string): WireFault | undefined {
  const mismatch = (why: string): WireFault => ({
    id: request.id,
    code: HEADER_MISMATCH,
    message: `Header mismatch: ${why}`,
    status: 400,
  });
  if (single(headers, 'mcp-protocol-version') !== revision)
    return mismatch('MCP-Protocol-Version must equal the protocolVersion of _meta');
  if (single(headers, 'mcp-method') !== request.method) return mismatch('Mcp-Method must equal the method');
  const parameter = NAMED.get(request.method);
  if (parameter === undefined) return undefined;
  const named = single(headers, 'mcp-name');
  const decoded = named === undefined ? undefined : decodeHeader(named);
  if (decoded === undefined || decoded !== request.params[parameter])
    return mismatch(`Mcp-Name must equal params.${parameter}`);
  return undefined;
}

const MIRRORED = 'mcp-param-';

/** The headers that repeat arguments, by their names in lower case. */
export function mirroredIn(headers: Headers): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const name of Object.keys(headers)) if (name.startsWith(MIRRORED)) found[name] = single(headers, name) ?? '';
  return found;
}

/** A header's value without outer white space (RFC 9110 5.5); undefined where it is absent. */
export function single(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value.trim() : undefined;
}

/** Decodes the `=?base64?...?=` form, strictly; undefined where it is malformed. A plain value is itself. */
export function decodeHeader(value: string): string | undefined {
  const coded = SENTINEL.exec(value)?.[1];
  if (coded === undefined) return value;
  if (!BASE64.test(coded)) return undefined;
  const bytes = Buffer.from(coded, 'base64');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined;
}
