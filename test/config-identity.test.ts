import { dirname, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { problemText } from '../src/document/document.ts';
import { ALGORITHMS } from '../src/document/issuers-shape.ts';

const file = 'policies/gateway.yaml';
const folder = dirname(resolve(file));

function load(text: string) {
  const loaded = loadConfig({ file, text: `version: 1\n${text}`, env: {} });
  return loaded.ok ? loaded.value : loaded.error.map((problem) => problemText(problem).replace(`${file}:`, ''));
}

describe('who may come, in the deployment’s file', () => {
  it('an issuer is taken at its word, and its keys are beside the file', () => {
    const issuer = (more: string) =>
      `identity: { issuers: [{ url: "https://login.example.com/a", audience: "api://x", keys: ../keys.json${more} }] }\n`;
    const read = { url: 'https://login.example.com/a', audience: 'api://x', keys: resolve(folder, '../keys.json') };
    const unsaid = { tenant: undefined, apiAudience: undefined, introspection: undefined, algorithms: ALGORITHMS };
    expect(load(issuer(''))).toMatchObject({ trustedIssuers: [{ ...read, ...unsaid }] });
    expect(load(issuer(', tenant: org'))).toMatchObject({ trustedIssuers: [{ ...read, tenant: 'org' }] });
    expect(load(issuer(', api_audience: "api://y", algorithms: [ES256]'))).toMatchObject({
      trustedIssuers: [{ ...read, apiAudience: 'api://y', algorithms: ['ES256'] }],
    });
  });

  it('issuers may be several, say themselves where their keys are, and be asked about their tokens', () => {
    const client = '{ id: tollgate, secret: { secret: "env://INTROSPECTION" } }';
    const text = `identity:
  issuers:
    - { url: "https://a.example", audience: x, introspection: { client: ${client} } }
    - { url: "http://127.0.0.1:9000", audience: x }
`;
    expect(load(text)).toMatchObject({
      trustedIssuers: [
        {
          url: 'https://a.example',
          keys: undefined,
          introspection: { client: { id: 'tollgate', secret: 'env://INTROSPECTION' } },
        },
        { url: 'http://127.0.0.1:9000', keys: undefined, introspection: undefined },
      ],
    });
  });
});

describe('what is wrong in it is told at once, where it is', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'issuers that could be taken for each other',
      `identity:
  issuers:
    - { url: "https://a.example", audience: x, introspection: { client: { id: a, secret: { secret: env://A } } } }
    - { url: "https://a.example", audience: y }
    - { url: "https://b.example", audience: x, introspection: { client: { id: b, secret: { secret: env://B } } } }
`,
      [
        '5:14: this issuer is listed twice',
        '6:63: expected one issuer with "introspection": an opaque token does not say whose it is',
      ],
    ],
    [
      'algorithms with which who checks a token could sign one, and a secret as it is',
      `identity:
  issuers:
    - { url: "https://a.example", audience: x, algorithms: [HS256, none] }
    - { url: "https://b.example", audience: x, introspection: { client: { id: b, secret: hunter2 } } }
`,
      [
        '4:61: expected one of RS256, PS256, ES256, ES384, EdDSA, found "HS256"; did you mean "RS256"?',
        '4:68: expected one of RS256, PS256, ES256, ES384, EdDSA, found "none"',
        '5:90: expected { secret: REFERENCE }, with env://NAME, file:///PATH, exec://PROGRAM WORDS or keychain://SERVICE/ACCOUNT; a secret itself stands in no file of ours',
      ],
    ],
    ...[
      'tools.example.com',
      'http://tools.example.com',
      'https://tools.example.com/a',
      'https://u:p@x.example',
      'https://x.example?a',
    ].map((url): [string, string, readonly string[]] => [
      `a public URL that is no origin: ${url}`,
      `listen: { public_url: "${url}" }\n`,
      ['2:23: expected the https:// URL (http:// on loopback alone) that callers use, without a path'],
    ]),
    [
      'issuers that name nobody',
      `identity:
  issuers:
    - { url: "http://a.example", audience: "", keys: 5, tenant: [org], realm: x }
`,
      [
        '4:14: expected the https:// URL of an issuer, as its tokens say it, without query and fragment',
        '4:44: expected text, found none',
        '4:54: expected text, found 5',
        '4:65: expected text, found a list',
        '4:72: unknown key "realm"; expected one of url, audience, api_audience, keys, introspection, tenant, algorithms',
      ],
    ],
    [
      'an API that the tokens for the tools would open',
      'identity: { issuers: [{ url: "https://a.example", audience: x, keys: a.json, api_audience: x }] }\n',
      ['2:92: expected another than "audience": a token for the tools must not open the API'],
    ],
    ['no issuer', 'identity: { issuers: [] }\n', ['2:22: expected a list of at least 1']],
    ['an identity of nothing', 'identity: {}\n', ['2:1: "issuers" is missing; expected a list']],
    ...['https://a.example?x=1', 'https://a.example#x', 'https://u:p@a.example', 'https://a.example/ x'].map(
      (url): [string, string, readonly string[]] => [
        `an issuer that no token names: ${url}`,
        `identity: { issuers: [{ url: "${url}", audience: x, keys: a.json }] }\n`,
        ['2:30: expected the https:// URL of an issuer, as its tokens say it, without query and fragment'],
      ],
    ),
  ])('%s', (_name, text, problems) => {
    expect(load(text)).toEqual(problems);
  });
});
