import { expect, test } from 'vitest';
import type { Question } from '../../src/domain/exchange.ts';
import { questionText, readAnswer } from '../../src/wire/questions.ts';

const question = (params: Question['params']): Question => ({ method: 'elicitation/create', params, key: 'k' });

test('a question goes out under our id; one by URL is named, whatever its server called it', () => {
  expect(JSON.parse(questionText('c.1', question({ message: 'who?' })))).toEqual({
    jsonrpc: '2.0',
    id: 'c.1',
    method: 'elicitation/create',
    params: { message: 'who?' },
  });
  const url = question({ mode: 'url', message: 'sign in', url: 'https://a.example', elicitationId: 'theirs' });
  expect(JSON.parse(questionText('c.2', url)).params).toEqual({ ...url.params, elicitationId: 'c.2' });
});

test.each([
  ['a result', { result: { action: 'accept' }, error: undefined }, { ok: true, result: { action: 'accept' } }],
  ['a result that is no object', { result: 7, error: undefined }, { ok: false, code: -32603 }],
  ['an error', { result: undefined, error: { code: -1, message: 'no' } }, { ok: false, code: -1, message: 'no' }],
  ['an error that is none', { result: undefined, error: 'no' }, { ok: false, code: -32603 }],
  ['a code that is no number', { result: undefined, error: { code: '1' } }, { ok: false, code: -32603 }],
  [
    'endless words',
    { result: undefined, error: { code: 1, message: 'x'.repeat(1000) } },
    { ok: false, code: 1, message: 'x'.repeat(500) },
  ],
])('%s of a client is read as what it is', (_, response, answer) => {
  expect(readAnswer(response)).toMatchObject(answer);
});
