/** What stands before a gateway that has a public URL: the URL is there first, and requests go on as they came. */
import { request as send } from 'node:http';
import { type Served, serveHttp } from './servers/http-fixture.ts';

export interface ReverseProxy {
  /** An origin. */
  readonly url: string;
  /** Where requests go from now on. */
  to(port: number): void;
  close: Served['close'];
}

export async function reverseProxy(): Promise<ReverseProxy> {
  let port = 0;
  const served = await serveHttp((request, response) => {
    const { method, url: path, headers } = request;
    const onward = send({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  return {
    url: new URL(served.url).origin,
    to: (next) => {
      port = next;
    },
    close: served.close,
  };
}
