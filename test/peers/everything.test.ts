/** server-everything through Tollgate: what a client gets through is what it gets directly, where the policy allows it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { MODERN } from '../support/posts.ts';
import { answersOfAClient, comparable, USES } from './everything-uses.ts';
import { type Answers, type Destination, firstLine, overHttp, type SdkClient, secondLine } from './sdk-clients.ts';
import { EVERYTHING, everythingOverHttp, type HttpServer } from './shipped-servers.ts';

const TOOLS = [
  ...['echo', 'get-sum', 'get-structured-content', 'get-annotated-message', 'get-tiny-image', 'get-resource-links'],
  ...['get-resource-reference', 'gzip-file-as-resource', 'toggle-simulated-logging', 'toggle-subscriber-updates'],
  ...['trigger-long-running-operation', 'trigger-elicitation-request', 'trigger-url-elicitation'],
  ...['trigger-sampling-request', 'get-roots-list'],
];
const PROMPTS = ['simple-prompt', 'args-prompt', 'completable-prompt'];
const RESOURCES = [
  'demo://resource/dynamic/text/*',
  'demo://resource/static/document/features.md',
  'demo://resource/session/*',
];

/** Names all but the tool `get-env`, the prompt `resource-prompt`, the template of blobs and most of the files. */
const policyOf = (server: JsonObject): string => `version: 1
profile: everything
who: local
prefix: false
servers:
  everything:
    ${Object.entries(server).map(([key, value]) => `${key}: ${JSON.stringify(value)}`)}
    asks: { elicitation: [form, url], sampling: { max: 10, max_tokens: 1000 }, roots: true }
tools:
${TOOLS.map((name) => `  everything.${name}: { effect: read }`).join('\n')}
prompts:
${PROMPTS.map((name) => `  - { server: everything, name: ${name} }`).join('\n')}
resources:
${RESOURCES.map((uri) => `  - { server: everything, uri: "${uri}" }`).join('\n')}
`;

type Connect = (to: Destination, answers: Answers) => Promise<SdkClient>;

/** A client of 2026-07-28 cannot speak with this server alone: what it gets through is compared with what its line gets. */
const LINES: readonly (readonly [name: string, direct: Connect, through: Connect, revision: string])[] = [
  ['SDK v1', firstLine, firstLine, '2025-11-25'],
  [
    'SDK v2, legacy',
    (to, answers) => secondLine(to, 'legacy', answers),
    (to, answers) => secondLine(to, 'legacy', answers),
    '2025-11-25',
  ],
  [
    'SDK v2, modern',
    (to, answers) => secondLine(to, 'legacy', answers),
    (to, answers) => secondLine(to, 'modern', answers),
    MODERN,
  ],
];

/** What exists at the server and is not named, and what exists nowhere. */
const KEPT: readonly (readonly [
  name: string,
  use: (client: SdkClient, name: string) => Promise<unknown>,
  kept: string,
  none: string,
])[] = [
  ['a tool', ({ call }, name) => call(name), 'get-env', 'get-nothing'],
  [
    'a prompt',
    ({ prompt }, name) => prompt(name, { resourceType: 'Text', resourceId: '1' }),
    'resource-prompt',
    'no-prompt',
  ],
  [
    'a resource',
    ({ read }, uri) => read(uri),
    'demo://resource/static/document/startup.md',
    'demo://resource/static/document/nothing.md',
  ],
  [
    'a template',
    ({ complete }, uri) =>
      complete({ ref: { type: 'ref/resource', uri }, argument: { name: 'resourceId', value: '1' } }),
    'demo://resource/dynamic/blob/{resourceId}',
    'demo://resource/dynamic/none/{resourceId}',
  ],
  [
    'the argument of a prompt',
    ({ complete }, name) =>
      complete({ ref: { type: 'ref/prompt', name }, argument: { name: 'resourceType', value: '' } }),
    'resource-prompt',
    'no-prompt',
  ],
  [
    'a subscription to a resource',
    async ({ watch }, uri) => (await watch(uri))(),
    'demo://resource/static/document/startup.md',
    'demo://resource/static/document/nothing.md',
  ],
];

describe.each(['stdio', 'HTTP'])('server-everything over %s', (transport) => {
  let server: HttpServer | undefined;
  let gateway: RunningGateway;
  let itself: Destination;

  beforeAll(async () => {
    if (transport === 'HTTP') server = await everythingOverHttp();
    itself = server ?? { command: EVERYTHING, env: process.env };
    gateway = await startGateway(policyOf(server === undefined ? { command: EVERYTHING } : { url: server.url }));
  });
  afterAll(async () => {
    await gateway.stop();
    await server?.close();
  });

  describe.each(LINES)('%s', (_, connectDirect, connectThrough, revision) => {
    let direct: SdkClient;
    let through: SdkClient;
    beforeAll(async () => {
      direct = await connectDirect(itself, answersOfAClient());
      through = await connectThrough(overHttp(gateway), answersOfAClient());
    });
    afterAll(async () => {
      await through.close();
      await direct.close();
    });

    test('comes to its own revision, and learns what can be had and what the server says of itself', () => {
      expect(through.revision).toBe(revision);
      expect(through.capabilities).toMatchObject({
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
        logging: {},
      });
      expect(direct.instructions).toMatch(/\S/);
      expect(through.instructions).toContain(direct.instructions?.replaceAll('\n', '\n  '));
    });

    test.each(USES)('%s: the same through as direct', async (_name, use) => {
      const expected = comparable(await use(direct));
      expect(comparable(await use(through))).toEqual(expected);
    });

    test('hands on links to the resources that the policy names, and leaves out every other', async () => {
      const linked = async ({ call }: SdkClient) =>
        (await call('get-resource-links', { count: 4 }))['content'] as readonly JsonObject[];
      const note = { type: 'text', text: 'A link to a resource that this policy does not allow was left out.' };
      const all = await linked(direct);
      const allowed = all.map((block) => (String(block['uri']).includes('/blob/') ? note : block));
      expect(allowed.filter((block) => block === note)).toHaveLength(2);
      expect(comparable(await linked(through))).toEqual(comparable(allowed));
    });

    test('lists the tools that the policy names as the server describes them, and no other', async () => {
      const named = (await direct.tools()).filter(({ name }) => TOOLS.includes(String(name)));
      expect(named).toHaveLength(TOOLS.length);
      expect(asDescribed(await through.tools())).toEqual(asDescribed(named));
    });

    test('lists the prompts that the policy names as the server describes them, and no other', async () => {
      const named = (await direct.prompts()).filter(({ name }) => PROMPTS.includes(String(name)));
      expect(named).toHaveLength(PROMPTS.length);
      expect(asDescribed(await through.prompts())).toEqual(asDescribed(named));
    });

    test('lists the resources and templates that the policy names, and no other', async () => {
      // What calls have made is not looked at here: the server has it for the session that made it last.
      const isMade = ({ uri }: JsonObject): boolean => String(uri).includes('/session/');
      const isOurs = ({ uri, uriTemplate }: JsonObject): boolean => /^tollgate:/.test(String(uri ?? uriTemplate));
      const listed = (await direct.resources()).filter(({ uri }) => String(uri).endsWith('/features.md'));
      expect(listed).toHaveLength(1);
      expect((await through.resources()).filter((one) => !isMade(one) && !isOurs(one))).toEqual(listed);
      const templates = (await direct.templates()).filter(({ uriTemplate }) => /\/text\//.test(String(uriTemplate)));
      expect(templates).toHaveLength(1);
      expect((await through.templates()).filter((one) => !isOurs(one))).toEqual(templates);
    });

    test.each(KEPT)(
      '%s that the policy does not name is like one that does not exist',
      async (_name, use, kept, none) => {
        const refusals = await Promise.all([kept, none].map((name) => refusalOf(use(through, name), name)));
        expect(refusals[0]).toEqual(refusals[1]);
        expect(await use(direct, kept)).toBeDefined();
      },
    );

    test('a question that goes beyond the policy never reaches the client', async () => {
      const before = through.asked.length;
      const answer = await through.call('trigger-sampling-request', { prompt: 'Say.', maxTokens: 1001 });
      expect(answer['isError']).toBe(true);
      expect(through.asked).toHaveLength(before);
    });
  });

  test('a client that cannot be asked has the other tools, and takes none from those that can', async () => {
    const silent = await firstLine(overHttp(gateway));
    expect(await silent.call('echo', { message: 'Hi' })).toMatchObject({ content: [{ text: 'Echo: Hi' }] });
    expect(await silent.call('get-roots-list')).toMatchObject({ isError: true });
    await silent.close();
    const asked = await firstLine(overHttp(gateway), answersOfAClient());
    expect(await asked.call('trigger-elicitation-request')).toMatchObject({
      content: [{ text: expect.stringContaining('User provided') }, {}, {}],
    });
    await asked.close();
  });
});

/** The error, without the name that it was asked by. */
async function refusalOf(use: Promise<unknown>, name: string): Promise<unknown> {
  const error = await use.then(
    (answer) => expect.fail(`it was answered: ${JSON.stringify(answer)}`),
    (refusal: { code?: unknown; message: string; data?: unknown }) => refusal,
  );
  return JSON.parse(JSON.stringify([error.code, error.message, error.data]).replaceAll(name, 'NAME'));
}

/** Without the contract in front of a description, and the server's hints, which Tollgate puts its own in place of. */
const asDescribed = (entries: readonly JsonObject[]): readonly JsonObject[] =>
  entries.map(({ annotations: _annotations, execution: _execution, description, ...entry }) => ({
    ...entry,
    description: String(description).replace(
      /^.*Enforced by Tollgate\.\n\nThe server's own description, unverified:\n/s,
      '',
    ),
  }));
