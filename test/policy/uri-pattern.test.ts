import { describe, expect, it } from 'vitest';
import { type UriPattern, uriPattern } from '../../src/policy/uris/uri-pattern.ts';

function pattern(text: string): UriPattern {
  const compiled = uriPattern(text);
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.value;
}

describe('a pattern of URIs', () => {
  it.each([
    ['crm://cases/*', 'crm://cases/7', true],
    ['crm://cases/*', 'crm://cases/', true],
    ['crm://cases/*', 'crm://cases/7/notes', false],
    ['crm://cases/*', 'crm://cases/7?full=1', false],
    ['crm://cases/*', 'crm://casesX7', false],
    ['crm://cases/*/notes', 'crm://cases/7/notes', true],
    ['crm://cases/*/notes', 'crm://cases/7/8/notes', false],
    ['crm://**', 'crm://cases/7/notes?full=1', true],
    ['crm://**', 'crm:cases', false],
    ['crm:**', 'crm:cases', true],
    ['crm://**/notes', 'crm://cases/7/notes', true],
    ['crm://**/notes', 'crm://cases/7/notes/x', false],
    ['crm://a.c/*', 'crm://abc/x', false],
    ['crm://a+(b)/*', 'crm://a+(b)/x', true],
    ['crm://a/*', 'CRM://a/x', false],
    ['crm://a/*', 'crm://A/x', false],
    ['crm://a/*.txt', 'crm://a/.txt.txt', true],
    ['crm://a/*?v=*', 'crm://a/b?v=2', true],
    ['doc://a/*#*', 'doc://a/b#c', true],
    ['doc://a/**#*', 'doc://a/b/c#d', true],
  ])('%s against %s: %s', (text, uri, matches) => {
    expect(pattern(text).matches(uri, '/')).toBe(matches);
  });

  it('without a wildcard means exactly its text, whatever readers make of it', () => {
    const text = 'file:///srv/../etc/My%2fFile (1).txt#x#y';
    expect(pattern(text).matches(text, '/')).toBe(true);
    expect(pattern(text).matches('file:///etc/My%2fFile (1).txt#x#y', '/')).toBe(false);
    expect(pattern('crm://a').matches('crm://a/', '/')).toBe(false);
  });

  it('is answered for the worst of patterns and URIs', () => {
    const worst = pattern(`x:${'**a'.repeat(300)}b`);
    expect(worst.matches(`x:${'a'.repeat(4000)}`, '/')).toBe(false);
    expect(worst.matches(`x:${'a'.repeat(4000)}b`, '/')).toBe(true);
  });
});

describe('a URI that two readers could read two ways never matches a wildcard:', () => {
  it.each([
    ['dots', 'file:///pub/../etc/passwd'],
    ['one dot', 'file:///pub/./x'],
    ['dots at the end', 'file:///pub/x/..'],
    ['dots before a query', 'file:///pub/..?x'],
    ['dots in a query', 'file:///pub/x?at=../../etc'],
    ['dots before a parameter', 'file:///pub/..;v=1/etc'],
    ['more dots than two', 'file:///pub/.../etc'],
    ['dots before a coded space', 'file:///pub/..%20/etc'],
    ['dots behind a coded space', 'file:///pub/%20../etc'],
    ['coded dots', 'file:///pub/%2e%2e/etc'],
    ['coded dots in capitals', 'file:///pub/%2E%2E/etc'],
    ['one coded dot', 'file:///pub/.%2e/etc'],
    ['dots coded twice', 'file:///pub/%252e%252e/etc'],
    ['dots coded twice, differently', 'file:///pub/%25%32%65%25%32%65/etc'],
    ['overlong dots', 'file:///pub/%c0%ae%c0%ae/etc'],
    ['dots that fold into dots', 'file:///pub/%E2%80%A5/etc'],
    ['a coded slash', 'file:///pub/..%2fetc'],
    ['a coded slash in a name', 'file:///pub/a%2Fb'],
    ['a slash that folds into one', 'file:///pub/a%EF%BC%8Fb'],
    ['a coded backslash', 'file:///pub/a%5cb'],
    ['a backslash', 'file:///pub/a\\b'],
    ['a coded question mark', 'file:///pub/a%3Fb'],
    ['a coded fragment', 'file:///pub/a%23b'],
    ['a fragment', 'file:///pub/a#b'],
    ['an empty segment', 'file:///pub//etc/passwd'],
    ['an empty segment at the end', 'file:///pub/x//'],
    ['a coded letter', 'file:///pub/%61dmin'],
    ['a coded zero', 'file:///pub/a%00.txt'],
    ['a coded line feed', 'file:///pub/a%0Ab'],
    ['a coded carriage return', 'file:///pub/a%0D%0Ab'],
    ['a coded bidi mark', 'file:///pub/a%E2%80%AEb'],
    ['half of a coded character', 'file:///pub/a%C3'],
    ['a percent sign without digits', 'file:///pub/100%'],
    ['a space', 'file:///pub/a b'],
    ['a tab', 'file:///pub/a\tb'],
    ['a line feed', 'file:///pub/a\n'],
    ['a zero', 'file:///pub/a\0'],
    ['a zero width space', 'file:///pub/a\u200bb'],
    ['a letter beyond ASCII', 'file:///pub/é'],
    ['a fullwidth slash', 'file:///pub/a\uff0fb'],
    ['a lone surrogate', 'file:///pub/\ud800'],
    ['quotes', 'file:///pub/a"b'],
    ['more than anybody names', `file:///pub/${'a'.repeat(4096)}`],
  ])('%s', (_name, uri) => {
    expect(pattern('file:///pub/**').matches(uri, '/')).toBe(false);
  });

  it.each([
    ['a user name', 'https://example.com:x@evil.example/', 'https://example.com:*/**'],
    ['a coded host', 'https://a%C3%A9.example.com/', 'https://*.example.com/**'],
    ['a second fragment', 'doc://a#b#c', 'doc://a#**'],
  ])('%s', (_name, uri, text) => {
    expect(pattern(text).matches(uri, '/')).toBe(false);
  });

  it.each([
    'file:///pub/a',
    'file:///pub/.bashrc',
    'file:///pub/a..b/c.tar.gz',
    'file:///pub/-..-/_._/~',
    'file:///pub/caf%C3%A9/%E6%97%A5%E6%9C%AC.md',
    'file:///pub/My%20notes%2C%201.md',
    "file:///pub/(a)!$&'*+,;=:@b",
    'file:///pub/a?url=https://example.com//x&b=%26',
    'file:///pub/',
  ])('and %s does', (uri) => {
    expect(pattern('file:///pub/**').matches(uri, '/')).toBe(true);
  });
});

describe('a pattern that cannot be meant is refused', () => {
  const oddly = (odd: string) =>
    `this can match nothing: it has ${odd}, and a wildcard matches no such URI, which could be read two ways`;

  it.each([
    ['**', 'a pattern must not begin with a wildcard: write the scheme in front, such as crm://**'],
    ['*://x', 'a pattern must not begin with a wildcard: write the scheme in front, such as crm://**'],
    ['cr*://x', 'expected a URI with its scheme in front, such as crm://cases/*'],
    ['tollgate://**', "the scheme tollgate: is Tollgate's own, and no server has a resource of it"],
    ['Tollgate:session', "the scheme tollgate: is Tollgate's own, and no server has a resource of it"],
    ['/srv/**', 'expected a URI with its scheme in front, such as crm://cases/*'],
    ['', 'expected a URI with its scheme in front, such as crm://cases/*'],
    ['crm://cases/{id}', 'expected a pattern, not a template: write * where a template has {name}'],
    ['crm://***', 'expected * (within a segment) or ** (anything), found ***'],
    ['crm://a\u200bb', 'expected a URI without hidden characters'],
    ['crm://a\nb', 'expected a URI without hidden characters'],
    [`crm://${'a'.repeat(1000)}`, 'expected a URI or a pattern of at most 1000 characters'],
    ['file:///a/../*', oddly('a segment of dots alone')],
    ['file:///a//*', oddly('an empty segment (//) in its path')],
    ['file:///My files/*', oddly('characters that no URI holds unencoded')],
    ['doc:#*#*', oddly('characters that no URI holds unencoded')],
    ['file:///%61/*', oddly('characters that change its meaning once decoded')],
    ['https://me@x/*', oddly('a user name or coded characters before its path')],
  ])('%j', (text, why) => {
    expect(uriPattern(text)).toEqual({ ok: false, error: why });
  });
});

describe('what a pattern covers of a template', () => {
  it.each([
    ['crm://cases/*', 'crm://cases/{id}', 'all'],
    ['crm://cases/*', 'crm://cases/{id:8}{rest*}', 'all'],
    ['crm://cases/*', 'crm://cases/{a,b}', 'all'],
    ['crm://cases/*', 'crm://cases/7', 'all'],
    ['crm://cases/*', 'crm://cases/{+id}', 'some'],
    ['crm://cases/*', 'crm://cases/{id}{?full}', 'some'],
    ['crm://cases/*', 'crm://{kind}/{id}', 'some'],
    ['crm://cases/*', 'crm://cases/{id}/notes', 'none'],
    ['crm://cases/*', 'crm://cases/{id}#notes', 'none'],
    ['crm://cases/*', 'crm://people/{id}', 'none'],
    ['crm://cases/7', 'crm://cases/{id}', 'some'],
    ['crm://cases/7', 'crm://cases/7', 'all'],
    ['crm://**', 'crm://{kind}/{id}{?full,x}{&y}{#z}', 'all'],
    ['crm://**', 'crm://{+path}', 'all'],
    ['crm://**', '{+uri}', 'some'],
    ['crm://**', '{scheme}://a', 'some'],
    ['crm://a/*', 'crm://a{/x}', 'some'],
    ['crm://a/*', 'crm://a{.x}', 'some'],
    ['crm://a/*', 'crm://a{;x}', 'some'],
    ['crm://a/*', 'crm://a/é', 'some'],
    ['crm://a/é', 'crm://a/é', 'some'],
    ['crm://**', 'crm://a/{', 'none'],
    ['crm://**', 'crm://a/}', 'none'],
    ['crm://**', 'crm://a/{}', 'none'],
    ['crm://**', 'crm://a/{!x}', 'none'],
    ['crm://**', 'crm://a/{x,}', 'none'],
    ['crm://**', `crm://${'a'.repeat(1000)}`, 'none'],
  ] as const)('%s of %s: %s', (text, template, covered) => {
    expect(pattern(text).covers(template, '/')).toBe(covered);
  });

  it('is the text’s matter: what an expansion could be read as is judged when it comes', () => {
    const cases = pattern('crm://cases/*');
    expect(cases.covers('crm://cases/{id}', '/')).toBe('all');
    expect(cases.matches('crm://cases/..', '/')).toBe(false);
  });
});

describe('a pattern includes another', () => {
  it.each([
    ['crm://**', 'crm://cases/*', true],
    ['crm://cases/*', 'crm://**', false],
    ['crm://cases/*', 'crm://cases/7', true],
    ['crm://cases/*', 'crm://cases/*', true],
    ['crm://cases/7', 'crm://cases/*', false],
    ['crm://a*c*', 'crm://abc*', true],
    ['crm://**', 'crm://a/../b', false],
    ['crm://**', 'crm://a#*', false],
    ['crm://**#**', 'crm://a#*', true],
  ])('%s, %s: %s', (text, other, included) => {
    expect(pattern(text).includes(pattern(other))).toBe(included);
  });
});

describe('a pattern in the folder of the session', () => {
  const inFolder = (rest: string) => pattern(`file://$\{session.dir}${rest}`);
  const all = inFolder('/**');

  it('means that folder of the session that asks, whatever its name holds', () => {
    expect(all.matches('file:///s/1/a/b', '/s/1')).toBe(true);
    expect(all.matches('file:///s/1/a/b', '/s/2')).toBe(false);
    expect(all.matches('file:///s/1', '/s/1')).toBe(false);
    expect(inFolder('').matches('file:///s/1', '/s/1')).toBe(true);
    expect(all.matches('file:///a%20%C3%BC/x', '/a ü')).toBe(true);
    expect(all.matches('file:///s/../x', '/s')).toBe(false);
    for (const [dir, uri] of [
      ['/a*', 'file:///ab/x'],
      ['/$&', 'file:///$%7Bsession.dir%7D/x'],
    ] as const) {
      expect(all.matches(uri, dir)).toBe(false);
    }
    expect(all.matches('file:///a%2A/x', '/a*')).toBe(true);
    expect(all.matches('file:///$&/x', '/$&')).toBe(true);
    expect(all.matches('file:///x', '/')).toBe(true);
  });

  it('covers the templates of that folder', () => {
    expect(all.covers('file:///s/1/{name}', '/s/1')).toBe('all');
    expect(all.covers('file:///s/1/{name}', '/s/2')).toBe('none');
    expect(all.covers('file:///{+path}', '/s/2')).toBe('some');
  });

  it.each([
    ['file:///**', '/**', true],
    ['file:///*', '/**', false],
    ['file:///*', '', false],
    ['file:///**', '', true],
    ['file:///srv/**', '/**', false],
    ['file:///**', '/../x', false],
    ['crm://**', '/**', false],
  ])('is told from others: %s holds all of file://SESSION%s: %s', (wide, rest, holds) => {
    expect(pattern(wide).includes(inFolder(rest))).toBe(holds);
    expect(inFolder('/**').includes(pattern(wide))).toBe(false);
  });

  it('is told from its like', () => {
    expect(all.includes(inFolder('/a/*'))).toBe(true);
    expect(all.includes(inFolder('/a'))).toBe(true);
    expect(inFolder('/a/*').includes(all)).toBe(false);
    expect(inFolder('/x').includes(pattern('file:///x/x'))).toBe(false);
  });

  it.each(['x/**', '/{a}', '//**'])('needs a plain path behind it: %s', (rest) => {
    expect(uriPattern(`file://$\{session.dir}${rest}`).ok).toBe(false);
  });
});
