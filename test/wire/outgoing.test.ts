import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, type JsonObject } from '../../src/domain/json.ts';
import { decodeHeader } from '../../src/wire/headers.ts';
import { answerText, callText, encodeHeader, headersOf, initializeText, requestText } from '../../src/wire/outgoing.ts';

const NO_TRACE = { traceparent: undefined, tracestate: undefined };

describe('tools/call', () => {
  it('holds the canonical arguments byte for byte, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom('modern' as const, 'legacy' as const),
        (args, era) => {
          const text = canonical(args as JsonObject);
          const sent = callText(era, 1, { tool: 't', canonical: text, trace: NO_TRACE, round: undefined });
          expect(sent).toContain(`"arguments":${text},"_meta":`);
          expect(JSON.parse(sent).params.arguments).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('carries the envelope to modern servers, and none to legacy ones', () => {
    const call = {
      tool: 'say "hi"',
      canonical: '{}',
      trace: { traceparent: '00-a-b-01', tracestate: 'v=1' },
      round: undefined,
    };
    expect(JSON.parse(callText('modern', 7, call))).toEqual({
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
    expect(JSON.parse(callText('legacy', 8, call)).params._meta).toEqual({
      progressToken: 8,
      traceparent: '00-a-b-01',
      tracestate: 'v=1',
    });
  });

  it('repeats the request state exactly, and sends none where none came', () => {
    const call = { tool: 't', canonical: '{"a":1}', trace: NO_TRACE };
    const state = 'ünsafe "state"\n';
    const withState = callText('modern', 1, {
      ...call,
      round: { inputResponses: { k: { action: 'accept' } }, requestState: state },
    });
    expect(JSON.parse(withState).params).toMatchObject({
      arguments: { a: 1 },
      inputResponses: { k: { action: 'accept' } },
      requestState: state,
    });
    const without = callText('modern', 1, { ...call, round: { inputResponses: {}, requestState: undefined } });
    expect(JSON.parse(without).params).not.toHaveProperty('requestState');
  });
});

describe('other messages', () => {
  it('offer the newest legacy revision and no capabilities at initialize', () => {
    expect(JSON.parse(initializeText(1)).params).toEqual({
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
