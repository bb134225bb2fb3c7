import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Abilities, NO_ABILITIES } from '../../src/domain/abilities.ts';
import { canonical, type JsonObject } from '../../src/domain/json.ts';
import { decodeHeader } from '../../src/wire/headers.ts';
import {
  answerText,
  capabilitiesOf,
  encodeHeader,
  exchangeText,
  headersOf,
  initializeText,
  type OutgoingExchange,
  requestText,
} from '../../src/wire/outgoing.ts';

const outgoing = (given: Partial<OutgoingExchange>): OutgoingExchange => ({
  operation: 'tools/call',
  name: 't',
  canonical: '{}',
  abilities: NO_ABILITIES,
  logLevel: undefined,
  trace: { traceparent: undefined, tracestate: undefined },
  round: undefined,
  ...given,
});

describe('an exchange', () => {
  it('holds the canonical arguments byte for byte, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom('modern' as const, 'legacy' as const),
        (args, era) => {
          const text = canonical(args as JsonObject);
          for (const operation of ['tools/call', 'prompts/get'] as const) {
            const sent = exchangeText(era, 1, outgoing({ operation, canonical: text }));
            expect(sent).toContain(`"params":{"name":"t","arguments":${text},"_meta":`);
            expect(JSON.parse(sent)).toMatchObject({ method: operation, params: { arguments: JSON.parse(text) } });
          }
        },
      ),
    );
  });

  it('carries the envelope to modern servers, and none to legacy ones', () => {
    const call = outgoing({ name: 'say "hi"', trace: { traceparent: '00-a-b-01', tracestate: 'v=1' } });
    expect(JSON.parse(exchangeText('modern', 7, call))).toEqual({
      jsonrpc: '2.0',
      id: 7,
      method: 'tools/call',
      params: {
        name: 'say "hi"',
        arguments: {},
        _meta: {
          progressToken: 7,
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'tollgate', version: '0.1.0' },
          traceparent: '00-a-b-01',
          tracestate: 'v=1',
        },
      },
    });
    expect(JSON.parse(exchangeText('legacy', 8, call)).params._meta).toEqual({
      progressToken: 8,
      traceparent: '00-a-b-01',
      tracestate: 'v=1',
    });
  });

  it('repeats the request state exactly, and sends none where none came', () => {
    const call = outgoing({ canonical: '{"a":1}' });
    const state = 'ünsafe "state"\n';
    const withState = exchangeText('modern', 1, {
      ...call,
      round: { inputResponses: { k: { action: 'accept' } }, requestState: state },
    });
    expect(JSON.parse(withState).params).toMatchObject({
      arguments: { a: 1 },
      inputResponses: { k: { action: 'accept' } },
      requestState: state,
    });
    const without = exchangeText('modern', 1, { ...call, round: { inputResponses: {}, requestState: undefined } });
    expect(JSON.parse(without).params).not.toHaveProperty('requestState');
  });
});

describe('an exchange with a target that is no tool and no prompt', () => {
  it.each([
    ['resources/read', '{"uri":"a:\\u0001"}'],
    ['completion/complete', '{"argument":{"name":"a","value":""},"ref":{"name":"p","type":"ref/prompt"}}'],
    ['resources/subscribe', '{}'],
  ] as const)('says what was judged in its parameters: %s %s', (operation, text) => {
    const sent = exchangeText('modern', 3, outgoing({ operation, name: 'not said', canonical: text }));
    const { method, params } = JSON.parse(sent);
    const { _meta: meta, ...said } = params;
    expect([method, said, meta.progressToken]).toEqual([operation, JSON.parse(text), 3]);
    if (text !== '{}') expect(sent).toContain(`"params":${text.slice(0, -1)},"_meta":`);
    expect(sent).not.toContain('not said');
  });

  it('repeats its parameters in every round', () => {
    const round = { inputResponses: { k: {} }, requestState: 's' };
    const sent = exchangeText(
      'modern',
      3,
      outgoing({ operation: 'resources/read', canonical: '{"uri":"a:b"}', round }),
    );
    expect(JSON.parse(sent).params).toMatchObject({ uri: 'a:b', inputResponses: { k: {} }, requestState: 's' });
  });
});

describe('what a client can be asked and shown', () => {
  const some = (given: Partial<Abilities>): Abilities => ({ ...NO_ABILITIES, ...given });

  it.each<[Abilities, JsonObject]>([
    [NO_ABILITIES, {}],
    [some({ elicitation: ['form'] }), { elicitation: { form: {} } }],
    [some({ elicitation: ['form', 'url'] }), { elicitation: { form: {}, url: {} } }],
    [some({ elicitation: ['url'] }), { elicitation: { url: {} } }],
    [some({ sampling: { tools: false } }), { sampling: {} }],
    [some({ sampling: { tools: true }, roots: true }), { sampling: { tools: {} }, roots: {} }],
    [some({ ui: { a: ['b'] } }), { extensions: { 'io.modelcontextprotocol/ui': { a: ['b'] } } }],
  ])('is written as capabilities: %j', (abilities, capabilities) => {
    expect(capabilitiesOf(abilities)).toEqual(capabilities);
    expect(JSON.parse(initializeText(1, abilities)).params.capabilities).toEqual(capabilities);
    const sent = exchangeText('modern', 1, outgoing({ abilities }));
    expect(JSON.parse(sent).params._meta['io.modelcontextprotocol/clientCapabilities']).toEqual(capabilities);
    expect(exchangeText('legacy', 1, outgoing({ abilities }))).not.toContain('apabilities');
  });

  it('is not said where we only list', () => {
    exchangeText('modern', 1, outgoing({ abilities: some({ roots: true }) }));
    const { params } = JSON.parse(requestText('modern', 2, 'tools/list', {}));
    expect(params._meta['io.modelcontextprotocol/clientCapabilities']).toEqual({});
  });
});

describe('the level of the log', () => {
  it('is told to modern servers with the request, and only where somebody wants a log', () => {
    const level = (given: Partial<OutgoingExchange>, era: 'modern' | 'legacy') =>
      JSON.parse(exchangeText(era, 1, outgoing(given))).params._meta['io.modelcontextprotocol/logLevel'];
    expect(level({ logLevel: 'notice' }, 'modern')).toBe('notice');
    expect(level({ logLevel: 'notice' }, 'legacy')).toBeUndefined();
    expect(level({}, 'modern')).toBeUndefined();
  });
});

describe('other messages', () => {
  it('offer the newest legacy revision at initialize', () => {
    expect(JSON.parse(initializeText(1, NO_ABILITIES)).params).toEqual({
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'tollgate', version: '0.1.0' },
    });
  });

  it('keep the page cursor beside the envelope', () => {
    expect(JSON.parse(requestText('modern', 2, 'tools/list', { cursor: 'c' })).params).toMatchObject({
      cursor: 'c',
      _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' },
    });
    expect(JSON.parse(requestText('legacy', 2, 'tools/list', {})).params).toEqual({});
  });

  it('answer a server under its own id, of whatever type', () => {
    expect(JSON.parse(answerText('q', { ok: true, result: { roots: [] } }))).toEqual({
      jsonrpc: '2.0',
      id: 'q',
      result: { roots: [] },
    });
    expect(JSON.parse(answerText(3, { ok: false, code: -32601, message: 'no' }))).toEqual({
      jsonrpc: '2.0',
      id: 3,
      error: { code: -32601, message: 'no' },
    });
  });
});

describe('headers', () => {
  it('say to a modern server what the body says', () => {
    expect(headersOf('modern', { method: 'tools/call', name: 'größe', parameters: { 'mcp-param-a': '1' } })).toEqual({
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': '=?base64?Z3LDtsOfZQ==?=',
      'mcp-param-a': '1',
    });
  });

  it('survive the hop whatever the value: spaces, controls, other alphabets, values that look encoded', () => {
    for (const value of ['plain', ' led', 'trailed ', 'a\r\nb', 'ä', '', '=?base64?SGk=?=', '=?base64?']) {
      const encoded = encodeHeader(value);
      expect(encoded).toMatch(/^[\x21-\x7E]([\x20-\x7E]*[\x21-\x7E])?$/);
      expect(decodeHeader(encoded)).toBe(value);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(decodeHeader(encodeHeader(value))).toBe(value);
      }),
    );
  });
});
