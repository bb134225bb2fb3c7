/** A small npm registry on loopback, with packages that the test makes. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';

export interface Made {
  readonly name: string;
  readonly version: string;
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** By path in the package. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Registry {
  readonly url: string;
  /** Publishes, or replaces what is there. Answers the integrity of its tarball. */
  publish(made: Made): string;
  /** Serves other bytes than the registry vouches for. */
  tamper(made: Made): void;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function startRegistry(): Promise<Registry> {
  const versions = new Map<string, Map<string, object>>();
  const tarballs = new Map<string, Buffer>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/');
    asked.push(path);
    const tarball = tarballs.get(path);
    const known = versions.get(path.slice(1));
    if (tarball !== undefined) response.end(tarball);
    else if (known === undefined) response.writeHead(404).end('{}');
    else {
      const name = path.slice(1);
      const latest = [...known.keys()].at(-1);
      const document = { name, 'dist-tags': { latest }, versions: Object.fromEntries(known) };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/`;
  const pathOf = ({ name, version }: Made): string => `/tarballs/${name}-${version}.tgz`;
  return {
    url,
    asked,
    publish: (made) => {
      const tarball = tarballOf(made);
      const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
      const known = versions.get(made.name) ?? new Map<string, object>();
      const dist = { tarball: new URL(pathOf(made).slice(1), url).href, integrity };
      versions.set(made.name, known.set(made.version, { ...manifestOf(made), dist }));
      tarballs.set(pathOf(made), tarball);
      return integrity;
    },
    tamper: (made) => void tarballs.set(pathOf(made), tarballOf(made)),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const manifestOf = ({ name, version, manifest }: Made): object => ({ name, version, ...manifest });

function tarballOf(made: Made): Buffer {
  const files = { 'package.json': JSON.stringify(manifestOf(made)), ...made.files };
  const blocks = Object.entries(files).flatMap(([path, text]) => fileBlocks(`package/${path}`, Buffer.from(text)));
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

const BLOCK = 512;

/** A file as ustar has it (POSIX.1-1988): a header block, and the content filled up to whole blocks. */
function fileBlocks(path: string, content: Buffer): readonly Buffer[] {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  header.write(path, 0);
  header.write(
    `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(content.length, 11)}\0${octal(0, 11)}\0`,
    100,
  );
  header.write('        0', 148);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\0 `, 148);
  return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
}
