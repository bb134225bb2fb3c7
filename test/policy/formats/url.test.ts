import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { urlTest } from '../../../src/policy/formats/url.ts';
import { all } from './tables.ts';

const HOSTS = [
  'docs.example.com',
  '*.example.org',
  'api.example.com:8443',
  'bücher.example',
  '[2001:db8::1]',
  '192.0.2.1',
];
const listed = (text: string) => urlTest({ hosts: HOSTS })(text, '/');

describe('a URL at a listed host', () => {
  it.each([
    ...all('yes', [
      'https://docs.example.com',
      'https://docs.example.com/',
      'https://docs.example.com/a/b?c=d&e=%20#f',
    ]),
    ...all('yes', [
      'https://DOCS.example.COM/x',
      'https://docs.example.com?x=1',
      'https://docs.example.com/a/@b//c..d',
    ]),
    ...all('yes', ['https://a.example.org/', 'https://a.b.example.org/', 'https://api.example.com:8443/']),
    ...all('yes', ['https://xn--bcher-kva.example/', 'https://[2001:db8::1]/', 'https://192.0.2.1/x']),
    ...all('no', ['https://example.com/', 'https://example.org/', 'https://evilexample.org/', 'https://evil.example/']),
    ...all('no', [
      'https://docs.example.com.evil.example/',
      'https://docs.example.com:8443/',
      'https://api.example.com/',
    ]),
    ...all('no', ['http://docs.example.com/', 'https://localhost/', 'https://127.0.0.1/', 'https://[::1]/']),
    ...all('no', ['https://evil.example/https://docs.example.com/', 'https://evil.example/?docs.example.com']),
    ...all('no', ['https://evil.example/@docs.example.com', 'https://xn--docs-example-com-9p5k.example/']),
    // Whom a user name, or what looks like one, leads to.
    ...all('unsure', [
      'https://docs.example.com@evil.example/',
      'https://a:b@docs.example.com/',
      'https://@docs.example.com/',
    ]),
    ...all('unsure', [
      'https://evil.example\\@docs.example.com/',
      'https://docs.example.com\\evil',
      'https:\\\\docs.example.com/',
    ]),
    ...all('unsure', [
      'https://docs.example.com%40evil.example/',
      'https://docs%2eexample.com/',
      'https://docs.example.com%00/',
    ]),
    ...all('unsure', [
      'https:docs.example.com/',
      'https:/docs.example.com/',
      'https:///docs.example.com/',
      '//docs.example.com/',
    ]),
    ...all('unsure', [
      ' https://docs.example.com/',
      'https://docs.example.com/ ',
      'https://docs.exa\tmple.com/',
      'ht\ntps://a/',
    ]),
    ...all('unsure', [
      'https://docs.example.com/a\nb',
      'https://docs.example.com/a b',
      'https://docs.example.com/\u0000',
    ]),
    // One address in many spellings.
    ...all('unsure', ['https://3221225985/', 'https://0xc0000201/', 'https://0300.0.2.1/', 'https://192.0.513/']),
    ...all('unsure', [
      'https://192.0.2.1./',
      'https://[2001:DB8:0::1]x/',
      'https://[2001:db8:0::1]/',
      'https://[::ffff:192.0.2.1]/',
    ]),
    ...all('unsure', [
      'https://docs.example.com./',
      'https://.docs.example.com/',
      'https://a..example.org/',
      'https://*.example.org/',
    ]),
    // What IDNA folds.
    ...all('unsure', [
      'https://bücher.example/',
      'https://docs。example。com/',
      'https://docs.examp\u00adle.com/',
      'https://ⅾocs.example.com/',
    ]),
    ...all('unsure', [
      'https://dоcs.example.com/',
      'https://docs.example.com\u2044x/',
      'https://docs．example.com/',
      'https://faß.example.org/',
    ]),
    ...all('unsure', [
      'https://docs.example.com:443/',
      'https://docs.example.com:/',
      'https://api.example.com:08443/',
      'https://docs.example.com:99999/',
    ]),
    ...all('unsure', [
      'https://docs.example.com/../x',
      'https://docs.example.com/%2e%2e/x',
      'https://docs.example.com/./x',
      'https://docs.example.com/%',
    ]),
    ...all('unsure', [
      '',
      'docs.example.com',
      'ftp://docs.example.com/',
      'javascript:alert(1)',
      'HTTPS://docs.example.com/',
      'https://',
      'blob:https://docs.example.com/',
    ]),
    ...all('unsure', [`https://docs.example.com/${'x'.repeat(4096)}`]),
  ])('%j: %s', (text, meets) => {
    expect(listed(text)).toBe(meets);
  });

  it('may be of http only where that is said, with the port that goes with it', () => {
    const either = (text: string) =>
      urlTest({ hosts: ['a.example', 'b.example:80'], schemes: ['https', 'http'] })(text, '/');
    expect(
      ['http://a.example/', 'https://a.example/', 'http://b.example/', 'https://b.example:80/'].map(either),
    ).toEqual(Array(4).fill('yes'));
    expect(['http://a.example:443/', 'https://b.example/', 'https://a.example:80/'].map(either)).toEqual(
      Array(3).fill('no'),
    );
  });

  it('leads the WHATWG parser to a listed host, whatever it is made of', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'docs.example.com',
        'example.org',
        'evil.example',
        '@',
        ':',
        '/',
        '\\',
        '.',
        '?',
        '#',
        '%2e',
        '%00',
      ),
      fc.constantFrom(
        '。',
        '\t',
        ' ',
        ';',
        '..',
        '8443',
        '443',
        'https:',
        '//',
        '[',
        ']',
        '0x7f.1',
        'ß',
        '\u00ad',
        'a',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), fc.constantFrom('https://', ''), (parts, front) => {
        const text = front + parts.join('');
        if (listed(text) !== 'yes') return;
        const url = new URL(text);
        expect(url.protocol).toBe('https:');
        expect(url.username + url.password).toBe('');
        const { host } = url;
        expect(host === 'docs.example.com' || host === 'api.example.com:8443' || host.endsWith('.example.org')).toBe(
          true,
        );
        // A reader that stops at the first thing that could end a host finds the same one.
        expect(/^https:\/\/([A-Za-z0-9._:-]*)/.exec(text)?.[1]?.toLowerCase()).toBe(host);
      }),
      { numRuns: 20_000 },
    );
  });
});
