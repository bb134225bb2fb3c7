import { deepStrictEqual } from 'node:assert';
import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonical, type JsonObject, type JsonValue } from '../../src/domain/json.ts';
import type { Ledger } from '../../src/domain/ports.ts';
import { encodeHeader } from '../../src/wire/outgoing.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { visit } from '../support/person.ts';
import { modernHeaders, modernRequest, post, textOf } from '../support/posts.ts';
import { type RecordingServer, recordingServer } from '../support/recording-server.ts';

const folder = temporaryFolder();
let gateway: RunningGateway;
let server: RecordingServer;
let ledger: Ledger;
let session: string;

beforeAll(async () => {
  server = recordingServer(folder, 'rough-stdio.ts', {}, ['resources']);
  gateway = await startGateway(
    `version: 1
profile: values
who: local
servers: { rough: ${server.yaml} }
tools: { rough.rough: { effect: read } }
resources: [{ server: rough, uri: "rough://room/**" }]
`,
    { folder },
  );
  await call('{"do":"echo"}');
  ledger = await visit(gateway.home);
  session = (await ledger.sessions(Date.now()))[0]?.session.id ?? '';
});

afterAll(async () => {
  await ledger.close();
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Calls the tool with arguments that are this very text. */
function call(given: string) {
  const marked = modernRequest('tools/call', { name: 'rough__rough', arguments: 'HERE' });
  return post(
    gateway,
    JSON.stringify(marked).replace('"HERE"', () => given),
    modernHeaders(marked),
  );
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('', 'toString', 'constructor', '\u2028', '\u0000', '"\\', '\u{1f600}', 'é', 'e\u0301'),
);
/** `__proto__` is refused at the door; `do` is how the server knows what to do. */
const name = text.filter((one) => one !== '__proto__' && one !== 'do');
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((one) => !Number.isInteger(one) || Number.isSafeInteger(one)),
  fc.constantFrom(0.1, -0, 5e-324, 1e-7, 0.30000000000000004),
);
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    number,
    text,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** Some other text for the same values: escapes, exponents, blanks. */
const respelt = (one: string): string =>
  one.replaceAll(/"(?:[^"\\]|\\.)*"|,/gs, (token) =>
    token === ','
      ? ' ,\n\t'
      : `"${[...Array((JSON.parse(token) as string).length).keys()]
          .map((at) => `\\u${(JSON.parse(token) as string).charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join('')}"`,
  );

test('what the server receives and what the journal keeps are, value for value, what was sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, value, { maxKeys: 5, noNullPrototype: true }),
      fc.boolean(),
      async (given, odd) => {
        const sent: JsonObject = { ...given, do: 'echo' };
        const plain = JSON.stringify(sent);
        const answered = await call(odd ? respelt(plain) : plain);
        expect(textOf(answered)).toBe('ok');
        const meant = JSON.parse(plain) as JsonObject;
        deepStrictEqual(server.calls().at(-1), meant);
        const intent = (await ledger.journal(session)).findLast((entry) => entry.kind === 'intent');
        const kept = await ledger.content(intent?.call ?? '', 'arguments');
        expect(kept).toBe(canonical(meant));
        deepStrictEqual(JSON.parse(kept ?? ''), meant);
      },
    ),
    { numRuns: 150 },
  );
});

const read = (uri: string) => {
  const message = modernRequest('resources/read', { uri });
  return post(gateway, message, { ...modernHeaders(message), 'mcp-name': encodeHeader(uri) });
};
const reads = (): readonly JsonValue[] =>
  server
    .received()
    .filter(({ method }) => method === 'resources/read')
    .map(({ params }) => params['uri'] ?? null);

/** Pieces that URIs are confused with. */
const piece = fc.constantFrom(
  ...['a', 'B7', '-', '/', '//', '.', '..', '%2e', '%2E%2e', '%252e', '%2f', '%5c', '\\', '#', '?', ';', '@', ':', '*'],
  ...['é', '\u202e', '\u0000', ' ', '\n', '%', '%zz', 'rough:', '\uff0e', '{x}', '\u2028'],
);
const tail = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const uris = fc.oneof(
  tail.map((rest) => `rough://room/${rest}`),
  fc
    .tuple(fc.constantFrom('rough://room', 'ROUGH://room/', 'rough://other/', 'rough:/room/', ''), tail)
    .map((two) => two.join('')),
);

test('a URI reaches the server as it was judged, or not at all; and never one that leads out of what the policy names', async () => {
  let reached = 0;
  await fc.assert(
    fc.asyncProperty(uris, async (uri) => {
      const before = reads().length;
      const { last } = await read(uri);
      expect(last.error).toMatchObject({ code: -32602 });
      const sent = reads().slice(before);
      if (sent.length === 0) return;
      reached++;
      expect(sent).toEqual([uri]);
      // Whoever normalises it is still in the room.
      const normal = new URL(uri).href;
      expect(normal.startsWith('rough://room/')).toBe(true);
      expect(decodeURIComponent(normal)).not.toMatch(/(^|[/\\])\.\.?($|[/\\;?#])/);
    }),
    { numRuns: 300 },
  );
  expect(reached).toBeGreaterThan(0);
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9_-]{1,8}){0,3}$/), async (rest) => {
      await read(`rough://room/${rest}`);
      expect(reads().at(-1)).toBe(`rough://room/${rest}`);
    }),
    { numRuns: 50 },
  );
});
