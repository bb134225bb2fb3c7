import { describe, expect, test } from 'vitest';
import { credentialIn, holdsAccessSecret, namesAccessKey } from '../../../src/policy/output/credentials.ts';

/** Characters that look random, the same each time. None of what is made of them opens anything. */
function random(length: number, alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'): string {
  let seed = 7;
  return Array.from({ length }, () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return alphabet[(seed >> 8) % alphabet.length];
  }).join('');
}
const HEX = '0123456789abcdef';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = `${segment({ alg: 'RS256', typ: 'JWT' })}.${segment({ sub: 'ada', iat: 1 })}.${random(86)}`;
const pem = (kind: string, line = '\n'): string =>
  `-----BEGIN ${kind}-----${line}${random(64)}${line}${random(64)}${line}-----END ${kind}-----`;

const CREDENTIALS: readonly (readonly [what: string, text: string])[] = [
  ['a private key', pem('RSA PRIVATE KEY')],
  ['a private key', pem('OPENSSH PRIVATE KEY')],
  ['a private key', pem('PGP PRIVATE KEY BLOCK', '\n\n')],
  // A Google service account, as a file has it.
  ['a private key', JSON.stringify({ type: 'service_account', private_key: pem('PRIVATE KEY') })],
  ['a private key', pem('RSA PRIVATE KEY', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0\n\n')],
  ['an age key', `AGE-SECRET-KEY-1${random(58, UPPER)}`],
  ['a GitHub token', `ghp_${random(36)}`],
  ['a GitHub token', `gho_${random(36)}`],
  ['a GitHub token', `github_pat_${random(22)}_${random(59)}`],
  ['a GitLab token', `glpat-${random(20)}`],
  ['a Slack token', `xoxb-${random(12, '0123456789')}-${random(12, '0123456789')}-${random(24)}`],
  ['a Stripe key', `sk_live_${random(24)}`],
  ['a Google API key', `AIza${random(35)}`],
  ['a Google access token', `ya29.${random(120)}`],
  ['an Anthropic key', `sk-ant-api03-${random(93)}AA`],
  ['an OpenAI key', `sk-proj-${random(120)}`],
  ['an OpenAI key', `sk-${random(48)}`],
  ['an npm token', `npm_${random(36)}`],
  ['a PyPI token', `pypi-AgEIcHlwaS5vcmc${random(120)}`],
  ['a Hugging Face token', `hf_${random(34)}`],
  ['a SendGrid key', `SG.${random(22)}.${random(43)}`],
  ['a DigitalOcean token', `dop_v1_${random(64, HEX)}`],
  ['an Azure storage key', `AccountName=a;AccountKey=${random(86)}==;`],
  ['an Azure client secret', `abc8Q~${random(34)}`],
  ['an Azure client secret', `abc8Q~${random(31)}`],
  ['a private key', `-----BEGIN PRIVATE KEY-----\n${random(40)}\n-----END PRIVATE KEY-----`],
  ['a GitHub token', `ghp_${'a1b2c3d4'.repeat(4)}a1b2`],
  ['a Slack token', 'xoxb-111111222222-333333444444'],
  ['a JSON web token', jwt],
];

describe('known by its form:', () => {
  test.each(CREDENTIALS)('%s', (what, text) => {
    expect(credentialIn(text)).toBe(what);
    expect(credentialIn(`{"key": "${text.replaceAll('\n', '\\n')}", "more": 1}`)).toBe(what);
    expect(credentialIn(`TOKEN=${text}\nNEXT=1`)).toBe(what);
  });
});

describe('no credential:', () => {
  test.each<[string, string]>([
    ['a public key', pem('PUBLIC KEY')],
    ['a certificate', pem('CERTIFICATE')],
    ['a mention of keys', 'It begins with -----BEGIN PRIVATE KEY----- and ends with -----END PRIVATE KEY-----.'],
    ['a placeholder', `ghp_${'x'.repeat(36)}`],
    ['a placeholder of the alphabet', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['a few letters over and over', `ghp_${'Aa1Bb2'.repeat(6)}`],
    ['three segments without an algorithm', `${segment({ kind: 'note' })}.${segment({ sub: 'ada' })}.${random(86)}`],
    ['a placeholder in words', 'sk-ant-api03-your-key-goes-here-and-nowhere-else-at-all'],
    ['part of a longer word', `xghp_${random(36)}`],
    ['a token that is too short', `ghp_${random(30)}`],
    ['a word with dashes', 'sk-learn-is-a-library-that-people-like-and-use-every-day-of-the-week'],
    ['three segments that say nothing', 'eyJhaaaaaaaaaaaa.eyJhaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaa'],
    ['three segments of which the second is no JSON', `${segment({ alg: 'RS256' })}.eyJhaaaaaaaaaaaa.${random(86)}`],
    ['a placeholder with a digit', 'xoxb-your-token-1-goes-in-this-place'],
    ['eleven characters over and over', `ghp_${'a1b2c3d'.repeat(6)}`.slice(0, 40)],
    [
      'a mention of keys far from what is none',
      `${random(64)} -----BEGIN PRIVATE KEY----- ${' '.repeat(400)}${random(64)}`,
    ],
    ['a digest', `sha256:${random(64, HEX)}`],
    ['an identifier of a test', `sk_test_${random(24)}`],
    ['base64', Buffer.from(random(5000)).toString('base64')],
  ])('%s', (_what, text) => {
    expect(credentialIn(text)).toBeUndefined();
  });
});

test('the name of an AWS key is none; what stands beside it may be', () => {
  const name = `AKIA${random(16, UPPER)}`;
  expect([namesAccessKey(`id ${name}`), credentialIn(name)]).toEqual([true, undefined]);
  expect([namesAccessKey(`${name} and more`), namesAccessKey(`${name}x`), namesAccessKey('nothing')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(namesAccessKey('AKIAIOSFODNN7EXAMPLE')).toBe(false);
  expect(holdsAccessSecret('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')).toBe(false);
  expect(holdsAccessSecret('qwertyuiopasdfghjklzxcvbnmqwertyuiopasdf')).toBe(false);
  expect(holdsAccessSecret(`secret: ${random(40)}`)).toBe(true);
  expect(holdsAccessSecret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')).toBe(false);
  expect([holdsAccessSecret(random(41)), holdsAccessSecret('0123456789'.repeat(4))]).toEqual([false, false]);
});
