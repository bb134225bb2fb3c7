import { describe, expect, it } from 'vitest';
import { domainTrouble, emailTest } from '../../../src/policy/formats/email.ts';
import { folderTrouble, pathTest } from '../../../src/policy/formats/path.ts';
import { hostTrouble, urlTest } from '../../../src/policy/formats/url.ts';
import { problemsIn, ref, saidOfTool, toolOf } from '../policy-text.ts';

const said = (rule: string) => problemsIn(saidOfTool(`{ arguments: { x: ${rule} } }`));

describe('what is exactly as long as it may be is read, and one more is unsure', () => {
  it('in a mail address', () => {
    const email = emailTest({ domains: ['*.example.org', 'example.org'] });
    const local = 'a'.repeat(64);
    expect(email(`${local}@example.org`, '/')).toBe('yes');
    expect(email(`${local}a@example.org`, '/')).toBe('unsure');
    // 254 characters in all: 64 + 1 + 189.
    const domain = `${`${'b'.repeat(58)}.`.repeat(3)}example.org`;
    expect(domain).toHaveLength(188);
    expect(email(`${local}@c${domain}`, '/')).toBe('yes');
    expect(email(`${local}@cc${domain}`, '/')).toBe('unsure');
  });

  it('in a URL', () => {
    const url = urlTest({ hosts: ['example.org'] });
    const front = 'https://example.org/';
    expect(url(front + 'a'.repeat(4096 - front.length), '/')).toBe('yes');
    expect(url(front + 'a'.repeat(4097 - front.length), '/')).toBe('unsure');
  });

  it('in a path', () => {
    const path = pathTest({ within: ['/srv'] });
    expect(path(`/srv/${'a'.repeat(4091)}`, '/')).toBe('yes');
    expect(path(`/srv/${'a'.repeat(4092)}`, '/')).toBe('unsure');
  });
});

it('a letter that only looks like one of a listed domain makes no address at it, wherever it stands', () => {
  const email = emailTest({ domains: ['bank.example'] });
  // The Kelvin sign, which lower case makes a k of.
  for (const domain of ['ban\u212a.example', '\u212a.bank.example', 'bank.example\u212a'])
    expect(email(`a@${domain}`, '/'), domain).toBe('unsure');
});

it('in the root lies every absolute path that means itself, and no other', () => {
  const root = pathTest({ within: ['/'] });
  for (const path of ['/', '/a', '/a/b']) expect(root(path, '/srv'), path).toBe('yes');
  for (const path of ['/a/../b', '/..', '/a/./b', '/a%2fb', '/a\\b']) expect(root(path, '/srv'), path).toBe('unsure');
});

it('a colon within a name of a path makes no URI of it', () => {
  expect(pathTest({ within: ['docs'] })('docs/file:notes', '/')).toBe('yes');
});

describe('what is listed is one host, and nothing that a parser would make one of', () => {
  it.each(['x:docs.example.com', 'user:docs.example.com:80', 'a:b', 'ex<mple.com', 'docs.example.com:', '[::1', 'a b'])(
    'not %j',
    (host) => {
      expect(hostTrouble(host)).toContain('expected a host such as');
      expect(domainTrouble(host)).toContain('expected a domain such as');
    },
  );

  it.each(['docs.example.com:1', 'docs.example.com:65535', '[::1]', '[::1]:8080', '127.0.0.1'])('but %j', (host) => {
    expect(hostTrouble(host)).toBeUndefined();
  });

  it.each(['docs.example.com:0', 'docs.example.com:65536'])('no such port: %j', (host) => {
    expect(hostTrouble(host)).toContain('expected a host such as');
  });

  it('and a domain has no port', () => {
    expect(domainTrouble('example.com:443')).toContain('expected a domain such as');
    expect(domainTrouble('[::1]:443')).toContain('expected a domain such as');
  });
});

describe('keywords that go together', () => {
  it.each([
    '{ hosts: [a.example], schemes: [http] }',
    '{ type: integer, minimum: 1 }',
    '{ type: [string, integer], maximum: 1 }',
    '{ exclusiveMinimum: 0, maximum: 5 }',
    '{ minimum: 0, exclusiveMaximum: 5 }',
    '{ minimum: 5, maximum: 5 }',
    '{ minLength: 2, maxLength: 2 }',
  ])('are taken: %s', (rule) => {
    expect(said(rule)).toEqual([]);
  });

  it.each([
    '{ schemes: [http] }',
    '{ exclusiveMinimum: 5, maximum: 5 }',
    '{ minimum: 5, exclusiveMaximum: 5 }',
    '{ exclusiveMinimum: 5, exclusiveMaximum: 5 }',
    '{ minimum: 6, maximum: 5 }',
    '{ type: string, minimum: 1 }',
    '{ type: integer, within: [/srv] }',
    '{ type: integer, hosts: [a.example] }',
    '{ type: integer, domains: [a.example] }',
  ])('are refused where no value, or no such value, can meet them: %s', (rule) => {
    expect(said(rule)).toHaveLength(1);
  });
});

it('a list in an allow case has all that is spoken of and as many as are asked, whichever is more', () => {
  const verdict = (rule: string, list: readonly number[]) =>
    toolOf(`{ cases: [{ id: a, when: { x: ${rule} }, then: allow }] }`).judge(
      { x: [...list] },
      { labels: [], dir: '/' },
    ).verdict;
  const more = '{ prefixItems: [{ const: 1 }], minItems: 3 }';
  expect(verdict(more, [1, 2])).toBe('deny');
  expect(verdict(more, [1, 2, 3])).toBe('allow');
  const fewer = '{ prefixItems: [{ const: 1 }, { const: 2 }], minItems: 1 }';
  expect(verdict(fewer, [1])).toBe('deny');
  expect(verdict(fewer, [1, 2])).toBe('allow');
});

describe('a folder to be within', () => {
  const session = ref('session.dir');
  const odd = 'expected a plain folder: no "..", "//", backslashes or hidden characters';

  it.each([
    session,
    `${session}/`,
    `${session}/notes`,
    '.',
    '/srv/files',
    'notes/',
    // These stand for nothing, and that is told where references are read.
    `${session}..`,
    `${session}notes//`,
    `/srv/${ref('env.X')}//notes`,
  ])('is %s, or told of elsewhere', (folder) => {
    expect(folderTrouble(folder)).toBeUndefined();
  });

  it.each([
    `${session}/../notes`,
    `${session}//notes`,
    '/srv/..',
    './notes',
    '/srv//notes',
    '/srv\\notes',
    '/s\u200brv',
  ])('is not %s: two readers could find two', (folder) => {
    expect(folderTrouble(folder)).toBe(odd);
  });
});

describe('what a reader may take for something else is unsure', () => {
  it('a scheme of any length in front of a relative path', () => {
    const path = pathTest({ within: ['.'] });
    for (const one of ['c:notes', 'ab:notes', 'a+b.c-1:notes']) expect(path(one, '/')).toBe('unsure');
    expect(path('notes/ab:c', '/')).toBe('yes');
  });

  it('a percent sign before two hexadecimal digits, and not before one', () => {
    const path = pathTest({ within: ['/srv'] });
    expect(path('/srv/a%5z', '/')).toBe('yes');
    expect(path('/srv/a%5e', '/')).toBe('unsure');
    const url = urlTest({ hosts: ['example.org'] });
    expect(url('https://example.org/a%5z', '/')).toBe('unsure');
    expect(url('https://example.org/a%5e', '/')).toBe('yes');
  });

  it('a host that begins like an address, and no name that only holds digits somewhere', () => {
    const url = urlTest({ hosts: ['docs.3com.example', '10.20.30.40'] });
    expect(url('https://1.2.3.4.a$b/', '/')).toBe('unsure');
    expect(url('https://docs.3com.example/', '/')).toBe('yes');
    expect(url('https://10.20.30.40/', '/')).toBe('yes');
    expect(hostTrouble('1.2.3.4.a$b')).toContain('expected a host');
  });

  it('a domain of mail that ends in a number, however long', () => {
    const email = emailTest({ domains: ['example.org'] });
    for (const domain of ['b.1', 'b.12', 'b.0x1f']) expect(email(`ada@${domain}`, '/')).toBe('unsure');
    expect(email('ada@b.c12', '/')).toBe('no');
  });
});
