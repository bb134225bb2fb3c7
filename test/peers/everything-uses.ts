/**
 * What a client does with server-everything. What comes of each must not depend on whether Tollgate stands between: what
 * is the same every time is given back, and what Tollgate adds is taken off.
 */
import type { JsonObject } from '../../src/domain/json.ts';
import { until } from '../support/downstream.ts';
import type { Answers, SdkClient } from './sdk-clients.ts';

export type Use = readonly [name: string, use: (client: SdkClient) => Promise<unknown>];

export const ROOTS = [{ uri: 'file:///work', name: 'work' }];
const FORM_ANSWERS: readonly JsonObject[] = [
  { action: 'accept', content: { name: 'Ada', check: true, integer: 7 } },
  { action: 'decline' },
  { action: 'cancel' },
];

/** A client that can be asked everything; to forms it says yes, then no, then nothing. */
export function answersOfAClient(): Answers {
  let forms = 0;
  return {
    elicitation: ({ mode }) =>
      mode === 'url' ? { action: 'accept' } : (FORM_ANSWERS[forms++ % FORM_ANSWERS.length] ?? {}),
    sampling: () => ({ model: 'a-model', role: 'assistant', content: { type: 'text', text: 'Sampled.' } }),
    roots: ROOTS,
  };
}

const TEXT = 'demo://resource/dynamic/text/1';
const PROMPT = { type: 'ref/prompt', name: 'completable-prompt' } as const;
const TEMPLATE = { type: 'ref/resource', uri: 'demo://resource/dynamic/text/{resourceId}' } as const;

export const USES: readonly Use[] = [
  ['a text', ({ call }) => call('echo', { message: 'Grüße, 🌍' })],
  ['a number', ({ call }) => call('get-sum', { a: 2, b: 3.5 })],
  ['structured content', ({ call }) => call('get-structured-content', { location: 'Chicago' })],
  ['annotated content', ({ call }) => call('get-annotated-message', { messageType: 'error', includeImage: true })],
  ['an image', ({ call }) => call('get-tiny-image')],
  ['an embedded text', ({ call }) => call('get-resource-reference', { resourceType: 'Text', resourceId: 2 })],
  ['an embedded blob', ({ call }) => call('get-resource-reference', { resourceType: 'Blob', resourceId: 3 })],
  ['an error of the tool', ({ call }) => call('get-resource-reference', { resourceType: 'Text', resourceId: 0.5 })],
  ['progress', (client) => withProgress(client)],
  [
    'a form that is accepted, declined and cancelled',
    (client) => asked(client, times(3, 'trigger-elicitation-request')),
  ],
  [
    'a page that a person is to open',
    (client) =>
      asked(client, ({ call }) =>
        call('trigger-url-elicitation', { url: 'https://example.com/agree', elicitationId: 'e1' }),
      ),
  ],
  [
    'a completion of its model',
    (client) => asked(client, ({ call }) => call('trigger-sampling-request', { prompt: 'Say.' })),
  ],
  ['the roots of the client', ({ call }) => call('get-roots-list')],
  ['a resource made by a template', ({ read }) => read(TEXT)],
  ['a file as a resource', ({ read }) => read('demo://resource/static/document/features.md')],
  ['a resource that a call made, and its bytes', (client) => zipped(client)],
  ['updates of a resource', (client) => updates(client)],
  ['a prompt without arguments', ({ prompt }) => prompt('simple-prompt')],
  ['a prompt with arguments', ({ prompt }) => prompt('args-prompt', { city: 'Graz', state: 'Styria' })],
  [
    'the values of an argument',
    ({ complete }) => complete({ ref: PROMPT, argument: { name: 'department', value: 'S' } }),
  ],
  [
    'the values of an argument that depend on another',
    ({ complete }) =>
      complete({
        ref: PROMPT,
        argument: { name: 'name', value: '' },
        context: { arguments: { department: 'Sales' } },
      }),
  ],
  [
    'the values of a variable of a template',
    ({ complete }) => complete({ ref: TEMPLATE, argument: { name: 'resourceId', value: '12' } }),
  ],
  ['logs', (client) => logs(client)],
];

const times =
  (count: number, tool: string) =>
  async ({ call }: SdkClient): Promise<readonly JsonObject[]> => {
    const results: JsonObject[] = [];
    for (let made = 0; made < count; made++) results.push(await call(tool));
    return results;
  };

/** The SDKs may drop a step that reaches them together with the result, so the last is not looked at. */
async function withProgress({ call }: SdkClient): Promise<unknown> {
  const steps: unknown[] = [];
  const result = await call(
    'trigger-long-running-operation',
    { duration: 0.2, steps: 4 },
    { onprogress: (step) => steps.push(step) },
  );
  return { result, steps: steps.slice(0, 3) };
}

/** A result, and what the client was asked for it. */
async function asked(client: SdkClient, use: (client: SdkClient) => Promise<unknown>): Promise<unknown> {
  const before = client.asked.length;
  const result = await use(client);
  return { result, asked: client.asked.slice(before) };
}

async function zipped({ call, read, resources }: SdkClient): Promise<unknown> {
  const uri = 'demo://resource/session/hello.gz';
  const made = await call('gzip-file-as-resource', { name: 'hello.gz', data: 'data:text/plain,hello' });
  const listed = (await resources()).filter((resource) => resource['uri'] === uri);
  return { made, listed, read: await read(uri) };
}

async function updates(client: SdkClient): Promise<unknown> {
  const end = await client.watch(TEXT);
  await client.call('toggle-subscriber-updates');
  await until(() => client.updated.length > 0);
  await client.call('toggle-subscriber-updates');
  await end();
  return client.updated[0];
}

/** A log belongs to the calls that are open when it is written: one is kept open, and cancelled when it was heard. */
async function logs(client: SdkClient): Promise<unknown> {
  const isSimulated = ({ data }: JsonObject): boolean => /level.message/i.test(String(data));
  await client.logAll();
  const enough = new AbortController();
  const started = Promise.withResolvers<void>();
  const open = client
    .call(
      'trigger-long-running-operation',
      { duration: 300, steps: 6000 },
      { signal: enough.signal, onprogress: () => started.resolve() },
    )
    .then(
      () => 'answered',
      () => 'cancelled',
    );
  await started.promise;
  await client.call('toggle-simulated-logging');
  await until(() => client.logged.some(isSimulated));
  await client.call('toggle-simulated-logging');
  enough.abort();
  return [await open, typeof client.logged.find(isSimulated)?.['level']];
}

/** What Tollgate says of its own in results: who answers, and that nothing is to be kept. */
const OURS: ReadonlySet<string> = new Set(['_meta', 'resultType', 'ttlMs', 'cacheScope', 'elicitationId']);

/** Without what differs from one time to another: times of day, ids of sessions; and without what Tollgate adds. */
export const comparable = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, inner: unknown) => {
    if (OURS.has(key)) return undefined;
    if (typeof inner !== 'string') return inner;
    const text = key === 'blob' ? Buffer.from(inner, 'base64').toString('latin1') : inner;
    return text
      .replace(/^everything asks: /, '')
      .replaceAll(/\d{1,2}:\d\d:\d\d(\s?[AP]M)?/g, 'TIME')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  });
