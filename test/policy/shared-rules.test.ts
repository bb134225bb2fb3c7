import { expect, it } from 'vitest';
import { misfitsOf } from '../../src/policy/judge/misfits.ts';
import { HEAD, profileOf } from './policy-text.ts';
import { lockOf } from './typed/locked.ts';

const text = { type: 'string' };
const closed = (...names: readonly string[]) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, text])),
  additionalProperties: false,
});
const LOCK = lockOf({
  files: [
    { name: 'write_file', inputSchema: closed('path', 'content') },
    { name: 'write_folder', inputSchema: closed('path') },
    { name: 'write_anything', inputSchema: { type: 'object' } },
  ],
});
const PROFILE = profileOf(
  `${HEAD}servers: { files: { command: [files] } }
tools: { "files.write_*": { effect: write, arguments: { path: { maxLength: 9 }, content: { maxLength: 5 } } } }
`,
  undefined,
  LOCK,
);
const told = (name: string): readonly string[] | undefined => PROFILE.tools.get(`files.${name}`)?.restrictions;

it('a rule of a pattern is for those of its tools that take the argument, and fits the server so', () => {
  expect(told('write_file')).toEqual([
    '`path` must be text of at most 9 characters.',
    '`content` must be text of at most 5 characters.',
  ]);
  expect(told('write_folder')).toEqual(['`path` must be text of at most 9 characters.']);
  expect(misfitsOf(PROFILE, 'files', LOCK.servers.get('files')?.definitions ?? [])).toEqual([]);
});

it('a tool whose schema leaves open what it takes keeps every rule', () => {
  expect(told('write_anything')).toEqual(told('write_file'));
});
