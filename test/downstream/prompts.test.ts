import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/domain/json.ts';
import { digestOf } from '../../src/domain/json.ts';
import { connect, definitionOf, entry, open, served } from '../support/catalog.ts';
import { exchangeOf, until } from '../support/downstream.ts';
import { done, event, stream } from '../support/downstream-http.ts';
import { FOUR_CELLS } from '../support/four-cells.ts';
import { serveRoughHttp } from '../support/servers/rough-http.ts';

const PROMPTS = { capabilities: { tools: {}, prompts: { listChanged: true } } };

async function serveRough(prompts: JsonObject[], era: 'modern' | 'legacy' = 'modern') {
  const options = { era, tools: [entry('a')], lists: { 'prompts/list': { prompts } }, offers: PROMPTS, onCall: done };
  return served(await serveRoughHttp(options));
}

describe.each(FOUR_CELLS)('the prompts of a real %s server', (_cell, serve) => {
  it('take text by the names that it lists', async () => {
    const { downstream } = open(await serve());
    const listed = await downstream.definitions('s', 'prompt');
    expect(listed.ok && listed.value).toMatchObject([
      {
        kind: 'prompt',
        server: 's',
        name: 'greet',
        description: 'Greets.',
        inputSchema: {
          type: 'object',
          properties: { name: { type: 'string', description: 'Of whom.' }, tone: { type: 'string' } },
          required: ['name'],
          additionalProperties: false,
        },
        outputSchema: undefined,
      },
    ]);
  });
});

describe('the prompts of a server', () => {
  it('carry the digest of all that it says of them', async () => {
    const prompt = { name: 'p', title: 'P', arguments: [{ name: 'a', required: false }], icons: [] };
    const { downstream } = open(await serveRough([prompt]));
    expect(await definitionOf(downstream, 'p', 'prompt')).toEqual({
      kind: 'prompt',
      server: 's',
      name: 'p',
      description: undefined,
      inputSchema: {
        type: 'object',
        properties: { a: { type: 'string' } },
        required: [],
        additionalProperties: false,
      },
      outputSchema: undefined,
      raw: prompt,
      pin: digestOf(prompt),
    });
  });

  it.each(['modern', 'legacy'] as const)('are not asked for where a %s server says it has none', async (era) => {
    const server = served(await serveRoughHttp({ era, tools: [entry('a')], onCall: done }));
    const { downstream } = open(server);
    expect(await downstream.definitions('s', 'prompt')).toEqual({ ok: true, value: [] });
    await connect(downstream);
    expect(server.got.filter(({ message }) => message.method === 'prompts/list')).toEqual([]);
  });

  it('are left out, and that is logged, where their arguments cannot be named', async () => {
    const { downstream, log } = open(
      await serveRough([
        { name: 'good' },
        { name: 'odd', arguments: {} },
        { name: 'nameless', arguments: [{}] },
        { name: 'double', arguments: [{ name: 'a' }, { name: 'a' }] },
        { name: 'twin' },
        { name: 'twin' },
        { description: 'no name' },
      ]),
    );
    const listed = await downstream.definitions('s', 'prompt');
    expect(listed.ok && listed.value.map(({ name }) => name)).toEqual(['good']);
    expect(log).toEqual([
      'the prompt odd is dropped: its arguments are no list',
      'the prompt nameless is dropped: one of its arguments has no name',
      'the prompt double is dropped: two of its arguments have the same name',
      'an entry of the list has no name and is dropped',
      'the prompt twin stands twice in the list and is dropped',
    ]);
  });

  it('are each what they say, though one is named like what every object has', async () => {
    const { downstream } = open(await serveRough([{ name: 'p', arguments: [{ name: '__proto__', required: true }] }]));
    const { inputSchema } = await definitionOf(downstream, 'p', 'prompt');
    expect(JSON.stringify(inputSchema)).toContain(
      '"properties":{"__proto__":{"type":"string"}},"required":["__proto__"]',
    );
  });

  it('are no tools: one of the same name is another', async () => {
    const { downstream } = open(await serveRough([{ name: 'a' }]));
    const prompt = await definitionOf(downstream, 'a', 'prompt');
    const tool = await definitionOf(downstream, 'a');
    expect([downstream.changed(prompt), downstream.changed(tool)]).toEqual([false, false]);
    expect(downstream.changed({ ...prompt, kind: 'tool' })).toBe(true);
  });

  it('that cannot be listed are no reason to be without its tools', async () => {
    const { downstream, log } = open(
      served(
        await serveRoughHttp({
          era: 'modern',
          tools: [entry('a')],
          lists: { 'prompts/list': { prompts: 'none' } },
          offers: PROMPTS,
          onCall: done,
        }),
      ),
    );
    const why = 'its answer to prompts/list is not valid';
    expect(await downstream.definitions('s', 'prompt')).toEqual({ ok: false, error: { server: 's', why } });
    const connection = await connect(downstream);
    expect(await connection.call(exchangeOf('a', '{}'))).toMatchObject({ outcome: 'ok' });
    expect(log).toContain(`its prompts cannot be listed: ${why}`);
  });
});

describe('a prompt that is described otherwise', () => {
  it('is changed when a new connection shows it so, and is not sent; its tools are', async () => {
    const prompts: JsonObject[] = [{ name: 'p' }, { name: 'q' }];
    const { downstream, log } = open(await serveRough(prompts, 'legacy'));
    const pinned = await definitionOf(downstream, 'p', 'prompt');
    prompts.splice(0, 1, { name: 'p', description: 'Now says another thing.' });
    const connection = await connect(downstream);
    expect([downstream.changed(pinned), downstream.changed(await definitionOf(downstream, 'q', 'prompt'))]).toEqual([
      true,
      false,
    ]);
    expect(await connection.call(exchangeOf('p', '{}', { operation: 'prompts/get', pin: pinned.pin }))).toEqual({
      outcome: 'not_sent',
      why: 'the server now describes this prompt otherwise than when it was pinned',
    });
    expect(await connection.call(exchangeOf('p', '{}'))).toMatchObject({ outcome: 'ok' });
    expect(log).toEqual(['the prompt p is described otherwise than at first: its calls are refused']);
    expect(await definitionOf(downstream, 'p', 'prompt')).toBe(pinned);
  });

  it('is changed after the server told of it; the list of tools is not read again for that', async () => {
    const prompts: JsonObject[] = [{ name: 'p' }];
    const server = served(
      await serveRoughHttp({
        era: 'modern',
        tools: [entry('a')],
        lists: { 'prompts/list': { prompts } },
        offers: PROMPTS,
        onCall: ({ message: { id } }, response) => {
          stream(response).write(event({ jsonrpc: '2.0', method: 'notifications/prompts/list_changed' }));
          response.end(event({ jsonrpc: '2.0', id, result: { content: [] } }));
        },
      }),
    );
    const { downstream } = open(server);
    const pinned = await definitionOf(downstream, 'p', 'prompt');
    const connection = await connect(downstream);
    const lists = () => server.got.filter(({ message }) => message.method === 'tools/list').length;
    const before = lists();
    prompts.pop();
    await connection.call(exchangeOf('a', '{}'));
    await until(() => downstream.changed(pinned));
    await downstream.definitions('s', 'prompt');
    expect(lists()).toBe(before);
  });
});
