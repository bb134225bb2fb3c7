import { resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathTest } from '../../../src/policy/formats/path.ts';
import { PLAIN, ref, toolOf } from '../policy-text.ts';
import { all } from './tables.ts';

const DIR = '/srv/session 7/ä';
const inSession = (text: string) => pathTest({ within: [ref('session.dir')] })(text, DIR);
const inDocs = (text: string) => pathTest({ within: ['docs'] })(text, '/');
const anywhereBelow = (text: string) => pathTest({ within: ['.'] })(text, '/');

/** Each would lead out of `/srv/session 7/ä`, or could be read so. */
const TRICKS = [
  '/..',
  '/../x',
  '/a/../../x',
  '/a/..',
  '/./x',
  '/.',
  '//etc/passwd',
  '/a//etc',
  '/a\\..\\..\\x',
  '/..;/x',
  '/..;x=1/y',
  '/.../x',
  '/.. /x',
  '/ ../x',
  '/..\u0000/x',
  '/x\u0000.txt',
  '/x\n',
  '/x\r/y',
  '/\t../x',
  '/%2e%2e/x',
  '/%2E./x',
  '/a%2f..%2fx',
  '/%5c..',
  '/%252e%252e/x',
  '/%u002e%u002e/x',
  '/%c0%ae%c0%ae/x',
  '/\uff0e\uff0e/x',
  '/\u2025/x',
  '/\u2024\u2024/x',
  '/a\uff0fb',
  '/a\uff3cb',
  '/a\u2215b',
  '/a\u2044b',
  '/a\u2216b',
  '/a\uff05b',
  '/..\u200b/x',
  '/.\u200d./x',
  '/a\u202e/x',
  '/e\u0301',
  '/\ud800',
  '/x ',
  `/${'x'.repeat(4097)}`,
];

describe('a path within a folder', () => {
  it.each([
    ...all('yes', [DIR, `${DIR}/`, `${DIR}/a`, `${DIR}/a/b.txt`, `${DIR}/.hidden`, `${DIR}/..a/b..`, `${DIR}/a b/`]),
    ...all('yes', [`${DIR}/ö/日本語`, `${DIR}/100%`, `${DIR}/~x`, `${DIR}/12:30.txt`, `${DIR}/(a) & 'b'`]),
    ...all('yes', ['file:///srv/session%207/%C3%A4/x', 'file:///srv/session%207/%C3%A4']),
    ...all('no', ['/srv/session 7', '/srv/session 7/äx', '/srv/session 7/b', '/etc/passwd', '/', 'file:///etc/passwd']),
    // Another folder on one file system, the same on another.
    ...all('unsure', ['/SRV/session 7/ä/x', '/srv/Session 7/Ä']),
    ...all('unsure', ['', 'a', 'a/b', '~/x', '~root', '.', './a', 'C:/x', 'http://a/b', ' /srv', '$HOME/x']),
    ...all('unsure', ['file:/srv', 'FILE:///srv', 'file://host/srv', 'file:///srv?x', 'file:///srv#x', 'file:srv']),
    ...all('unsure', [
      'file:///srv/session%207/%C3%A4/%2e%2e/x',
      'file:///srv/session%207/%C3%A4/..',
      'file:///%2Fetc',
    ]),
    ...all('unsure', ['file:///srv/session 7/ä/x', 'file:///srv/session%207/%C3%A4/a%2520b', 'file:////etc']),
    ...all('unsure', ['file:///srv/session%207/%C3%A4/%61', 'file:///srv/session%207/%C3%A4/%00', 'file:///%ff']),
  ])('%j: %s', (text, meets) => {
    expect(inSession(text)).toBe(meets);
  });

  it.each(TRICKS)('is not one that leads out or could: %j', (trick) => {
    expect(inSession(`${DIR}${trick}`)).toBe('unsure');
    expect(inDocs(`docs${trick}`)).toBe('unsure');
    expect(anywhereBelow(`docs${trick}`)).toBe('unsure');
  });

  it('may be relative where the folder is, and only there', () => {
    expect(['docs', 'docs/', 'docs/a', 'docs/~a'].map(inDocs)).toEqual(['yes', 'yes', 'yes', 'yes']);
    expect(['doc', 'docsx', 'other/docs'].map(inDocs)).toEqual(['no', 'no', 'no']);
    expect(['/docs', 'DOCS/a', '~docs', '-/../x'].map(inDocs)).toEqual(['unsure', 'unsure', 'unsure', 'unsure']);
    expect(['.', 'a', 'a/b', '~', '..', '/a', 'C:a'].map(anywhereBelow)).toEqual([
      ...['yes', 'yes', 'yes'],
      ...['unsure', 'unsure', 'unsure', 'unsure'],
    ]);
  });

  it('is any plain one where the folder is the root, in each of several folders, and below the session folder', () => {
    const root = pathTest({ within: ['/'] });
    expect(['/', '/a/b', 'a', '/..', '//a'].map((text) => root(text, '/'))).toEqual([
      ...['yes', 'yes', 'unsure', 'unsure', 'unsure'],
    ]);
    const several = pathTest({ within: ['/a/', `${ref('session.dir')}/out`] });
    expect(['/a/x', '/s/out/x', '/s/x', '/s'].map((text) => several(text, '/s'))).toEqual(['yes', 'yes', 'no', 'no']);
  });

  it('never resolves outside it, whatever it is made of', () => {
    const part = fc.constantFrom(
      '..',
      '.',
      '/',
      'a',
      '%2e',
      '%2f',
      '\\',
      '~',
      ' ',
      ';',
      '\u0000',
      '//',
      'file://',
      'É',
    );
    const made = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(made, fc.constantFrom('/base', '/base/', '', 'file:///base/'), (rest, front) => {
        const text = front + rest;
        if (pathTest({ within: ['/base'] })(text, '/') !== 'yes') return;
        const path = text.startsWith('file:') ? decodeURIComponent(new URL(text).pathname) : text;
        for (const read of [path, decodeURIComponent(path), path.replaceAll('\\', '/'), path.normalize('NFKC')]) {
          const place = resolve('/elsewhere', read);
          expect(place === '/base' || place.startsWith(`/base${sep}`)).toBe(true);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('takes every plain path below it, as a path and as the URI that Node makes of it', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9_ü-][A-Za-z0-9_ ü-]{0,8}[a-z](?:\.[a-z]{1,3})?$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
        const path = `/base/${names.join('/')}`.normalize('NFC');
        expect(pathTest({ within: ['/base'] })(path, '/')).toBe('yes');
        expect(pathTest({ within: ['/base'] })(pathToFileURL(path).href, '/')).toBe('yes');
      }),
    );
  });
});

describe('a rule with a path', () => {
  const verdict = (rules: string, given: string) => toolOf(rules).judge({ p: given }, { ...PLAIN, dir: '/s' }).verdict;

  it('sees the folder of the session that calls', () => {
    const tool = toolOf(`{ arguments: { p: { within: "${ref('session.dir')}" } } }`);
    const judged = (dir: string) => tool.judge({ p: '/one/a' }, { labels: [], dir }).verdict;
    expect([judged('/one'), judged('/two'), judged('/one')]).toEqual(['allow', 'deny', 'allow']);
  });

  it('counts what is unsure against the call, which way ever it asks', () => {
    const [inside, outside, odd] = ['/etc/x', '/srv/x', '/srv/../etc/x'];
    const not = '{ arguments: { p: { not: { within: /etc } } } }';
    expect([inside, outside, odd].map((text) => verdict(not, text))).toEqual(['deny', 'allow', 'deny']);
    const denied =
      '{ cases: [{ id: a, when: { p: { within: /etc } }, then: deny }, { id: b, when: {}, then: allow }] }';
    expect([inside, outside, odd].map((text) => verdict(denied, text))).toEqual(['deny', 'allow', 'deny']);
    const allowed = '{ cases: [{ id: a, when: { p: { path: { within: [/etc] } } }, then: allow }] }';
    expect([inside, outside, odd].map((text) => verdict(allowed, text))).toEqual(['allow', 'deny', 'deny']);
  });

  it('works in lists, members and choices', () => {
    const rule =
      '{ arguments: { p: { items: { properties: { at: { anyOf: [{ within: /a }, { hosts: [b.example] }] } } } } } }';
    const tool = toolOf(rule);
    const judged = (at: string) => tool.judge({ p: [{ at: '/a/x' }, { at }] }, PLAIN).verdict;
    expect(['/a', 'https://b.example/', '/b', '/a/..'].map(judged)).toEqual(['allow', 'allow', 'deny', 'deny']);
  });

  it('tells the agent in words', () => {
    const said = (rule: string) => toolOf(`{ arguments: { p: ${rule} } }`).restrictions;
    expect([
      ...said(`{ within: "${ref('session.dir')}" }`),
      ...said(`{ within: [/a, "${ref('session.dir')}/out"] }`),
      ...said('{ hosts: [docs.example.com, "*.example.org"] }'),
      ...said('{ url: { hosts: [a.example], schemes: [https, http] } }'),
      ...said('{ email: { domains: [customers.example.com] } }'),
    ]).toEqual([
      "`p` must be a path within the session's folder.",
      "`p` must be a path within /a or the session's folder/out.",
      '`p` must be an https URL at docs.example.com or *.example.org.',
      '`p` must be an https or http URL at a.example.',
      '`p` must be one mail address at customers.example.com.',
    ]);
  });
});
