import { expect, test } from 'vitest';
import { HEADER_MISMATCH } from '../../src/wire/faults.ts';
import { decodeHeader, headerFault, mirroredIn } from '../../src/wire/headers.ts';
import type { Request } from '../../src/wire/message.ts';
import { MODERN } from '../../src/wire/revisions.ts';

const call = (name: string): Request => ({ kind: 'request', id: 7, method: 'tools/call', params: { name }, meta: {} });
const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'a__b' };

test('headers that say what the body says are taken, outer white space aside', () => {
  expect(headerFault(headers, call('a__b'), MODERN)).toBeUndefined();
  expect(headerFault({ ...headers, 'mcp-name': '  a__b ' }, call('a__b'), MODERN)).toBeUndefined();
  expect(headerFault({ ...headers, 'mcp-name': '=?base64?w6Q=?=' }, call('ä'), MODERN)).toBeUndefined();
});

test.each([
  ['another method', { 'mcp-method': 'tools/list' }],
  ['a method in capitals', { 'mcp-method': 'TOOLS/CALL' }],
  ['another name', { 'mcp-name': 'c__d' }],
  ['no name', { 'mcp-name': undefined }],
  ['two names', { 'mcp-name': ['a__b', 'c__d'] }],
  ['another revision', { 'mcp-protocol-version': '2025-11-25' }],
  ['base64 with wrong padding', { 'mcp-name': '=?base64?YV9fYg?=' }],
])('%s is a mismatch, under the request’s id', (_danger, changed) => {
  expect(headerFault({ ...headers, ...changed }, call('a__b'), MODERN)).toMatchObject({
    id: 7,
    code: HEADER_MISMATCH,
    status: 400,
  });
});

test('base64 is decoded strictly, and half a sentinel is a plain value', () => {
  expect(decodeHeader('=?base64?SGVsbG8=?=')).toBe('Hello');
  expect(decodeHeader('=?base64?SGVsbG8?=')).toBeUndefined();
  expect(decodeHeader('=?base64?SGV$bG8=?=')).toBeUndefined();
  expect(decodeHeader('=?base64?/w==?=')).toBeUndefined();
  expect(decodeHeader('=?base64?SGVsbG8=')).toBe('=?base64?SGVsbG8=');
});

test('the headers that repeat arguments are those, without outer white space, and no others', () => {
  expect(mirroredIn({ ...headers, 'mcp-param-region': ' eu ', 'x-mcp-param-region': 'us' })).toEqual({
    'mcp-param-region': 'eu',
  });
});
