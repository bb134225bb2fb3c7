import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emailTest } from '../../../src/policy/formats/email.ts';
import { all } from './tables.ts';

const listed = (text: string) =>
  emailTest({ domains: ['customers.example.com', '*.example.org', 'bücher.example'] })(text, '/');

describe('one mail address at a listed domain', () => {
  it.each([
    ...all('yes', ['ann@customers.example.com', 'a.b+c@customers.example.com', "o'neil_x=1@Customers.Example.COM"]),
    ...all('yes', ['a@x.example.org', 'a@y.x.example.org', 'a@xn--bcher-kva.example', 'A-B@customers.example.com']),
    ...all('no', [
      'a@example.com',
      'a@example.org',
      'a@evilexample.org',
      'a@customers.example.com.evil.example',
      'a@localhost',
    ]),
    ...all('unsure', [
      '',
      '@customers.example.com',
      'a@',
      'a',
      'a@b@customers.example.com',
      'a@customers.example.com@b',
    ]),
    ...all('unsure', ['a@customers.example.com,b@evil.example', 'a@customers.example.com;b@evil.example']),
    ...all('unsure', [
      'a@customers.example.com b@evil.example',
      ' a@customers.example.com',
      'a@customers.example.com\n',
    ]),
    ...all('unsure', [
      'a@customers.example.com\r\nBcc: b@evil.example',
      'a@customers.example.com\u0000',
      'a\t@customers.example.com',
    ]),
    ...all('unsure', ['Ann <a@customers.example.com>', '<a@customers.example.com>', 'a@customers.example.com (x)']),
    ...all('unsure', [
      'a(x)@customers.example.com',
      '"a b"@customers.example.com',
      '"a@evil.example"@customers.example.com',
    ]),
    ...all('unsure', [
      '@evil.example:a@customers.example.com',
      'a%evil.example@customers.example.com',
      'evil.example!a@customers.example.com',
    ]),
    ...all('unsure', [
      '|sh@customers.example.com',
      '/etc/x@customers.example.com',
      '`x`@customers.example.com',
      '-oX@customers.example.com',
    ]),
    ...all('unsure', [
      '.a@customers.example.com',
      'a.@customers.example.com',
      'a..b@customers.example.com',
      'a\\@customers.example.com',
    ]),
    ...all('unsure', [
      'a@customers.example.com.',
      'a@.customers.example.com',
      'a@customers..example.com',
      'a@-x.example.org',
    ]),
    ...all('unsure', ['a@[192.0.2.1]', 'a@192.0.2.1', 'a@[IPv6:::1]', 'a@1', 'a@0x7f']),
    ...all('unsure', [
      'ä@customers.example.com',
      'a@bücher.example',
      'a@customers。example.com',
      'a＠customers.example.com',
      'a@\u212aunden.example.org',
    ]),
    ...all('unsure', [
      'mailto:a@customers.example.com',
      'a@customers.example.com?cc=b@evil.example',
      `${'a'.repeat(65)}@customers.example.com`,
    ]),
    ...all('unsure', [`a@${'x.'.repeat(130)}example.org`]),
  ])('%j: %s', (text, meets) => {
    expect(listed(text)).toBe(meets);
  });

  it('has one @, and nothing that a mailer could take for more, whatever it is made of', () => {
    const part = fc.constantFrom(
      'a',
      '@',
      'customers.example.com',
      '.',
      ',',
      ';',
      ' ',
      '<',
      '>',
      '"',
      '(',
      '%',
      '!',
      ':',
      'x.example.org',
      '\n',
      'İ',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 7 }), (parts) => {
        const text = parts.join('');
        if (listed(text) !== 'yes') return;
        expect(text).toMatch(/^[a-z.]+@[a-z.]+$/);
        expect(text.split('@')[1]).toMatch(/^(?:customers\.example\.com|.+\.example\.org)$/);
      }),
      { numRuns: 20_000 },
    );
  });
});
