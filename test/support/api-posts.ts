/** Requests to the API of a gateway, and what it answers. */
import { readFileSync } from 'node:fs';
import { putOut } from './canaries.ts';
import type { RunningGateway } from './gateway.ts';

export interface ApiAnswered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined where the body is no JSON. */
  readonly body: Record<string, unknown>;
}

export interface ApiAsked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
  /** A value, or the very text of the body. */
  readonly body?: unknown;
  /** None: no Authorization. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Of the person who runs the gateway. */
export const apiToken = ({ home }: Pick<RunningGateway, 'home'>): string => readFileSync(home.apiToken, 'utf8');

/** A POST where there is a body, else a GET. */
export async function ask(
  gateway: Pick<RunningGateway, 'port'>,
  path: string,
  { method, body, token, headers = {} }: ApiAsked = {},
): Promise<ApiAnswered> {
  const response = await fetch(`http://127.0.0.1:${gateway.port}${path}`, {
    redirect: 'manual',
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  putOut(`answer of ${path}`, text);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
