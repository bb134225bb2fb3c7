/** server-memory through Tollgate: what agents write is there for the next one, and in the server's own file. */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { until } from '../support/downstream.ts';
import { type RunningGateway, startGateway, temporaryFolder } from '../support/gateway.ts';
import { firstLine, overHttp, type SdkClient, secondLine } from './sdk-clients.ts';
import { MEMORY } from './shipped-servers.ts';

const folder = temporaryFolder();
const file = join(folder, 'graph.jsonl');
const GRAPH = 'memory://knowledge-graph';
let gateway: RunningGateway;

beforeAll(async () => {
  const server = JSON.stringify({ command: MEMORY, env: { MEMORY_FILE_PATH: file } });
  gateway = await startGateway(
    `version: 1
profile: memory
who: local
servers: { memory: ${server} }
tools:
  memory.create_entities: { effect: write }
  memory.create_relations: { effect: write }
  memory.add_observations: { effect: write }
  memory.read_graph: { effect: read }
  memory.open_nodes: { effect: read }
resources: [{ server: memory, uri: "${GRAPH}" }]
`,
    { folder },
  );
});

afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
});

const CLIENTS: readonly (readonly [name: string, connect: () => Promise<SdkClient>])[] = [
  ['SDK v1', () => firstLine(overHttp(gateway))],
  ['SDK v2, modern', () => secondLine(overHttp(gateway), 'modern')],
];

/** Every entity has its name once, so that each test finds its own. */
const person = (name: string): JsonObject => ({ name, entityType: 'person', observations: ['counts'] });

const fileText = (): string => readFileSync(file, 'utf8');

describe.each(CLIENTS)('%s', (line, connect) => {
  let writer: SdkClient;
  let reader: SdkClient;
  beforeAll(async () => {
    writer = await connect();
    reader = await connect();
  });
  afterAll(async () => {
    await reader.close();
    await writer.close();
  });

  test('what one client writes, another reads back, and the server has in its file', async () => {
    const [ada, engine] = [`Ada of ${line}`, `Engine of ${line}`];
    const relation = { from: ada, to: engine, relationType: 'programs' };
    await writer.call('memory__create_entities', { entities: [person(ada), person(engine)] });
    await writer.call('memory__create_relations', { relations: [relation] });
    const added = { observations: [{ entityName: ada, contents: ['wrote the first program'] }] };
    await writer.call('memory__add_observations', added);

    const opened = await reader.call('memory__open_nodes', { names: [ada, engine] });
    expect(opened['structuredContent']).toEqual({
      entities: [{ ...person(ada), observations: ['counts', 'wrote the first program'] }, person(engine)],
      relations: [relation],
    });
    expect(fileText()).toContain('wrote the first program');
  });

  test('the graph through Tollgate is the graph that the server gives directly', async () => {
    await writer.call('memory__create_entities', { entities: [person(`Grace of ${line}`)] });
    const direct = await firstLine({ command: MEMORY, env: { MEMORY_FILE_PATH: file } });
    const expected = await direct.call('read_graph');
    await direct.close();
    expect(await reader.call('memory__read_graph')).toMatchObject(expected);
  });

  test('a subscriber hears of what another client writes, and reads it', async () => {
    const name = `Alan of ${line}`;
    const end = await reader.watch(GRAPH);
    await writer.call('memory__create_entities', { entities: [person(name)] });
    await until(() => reader.updated.includes(GRAPH));
    const [content] = (await reader.read(GRAPH))['contents'] as readonly { readonly text: string }[];
    expect(content?.text).toContain(name);
    await end();
  });

  test('what the policy does not name cannot be deleted', async () => {
    const name = `Edsger of ${line}`;
    await writer.call('memory__create_entities', { entities: [person(name)] });
    await expect(writer.call('memory__delete_entities', { entityNames: [name] })).rejects.toMatchObject({
      code: -32602,
      message: expect.stringContaining('Unknown tool: memory__delete_entities'),
    });
    expect(fileText()).toContain(name);
  });
});
