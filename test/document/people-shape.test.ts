/** The people of a deployment's file: who is meant, by whom, and what nobody can be sure of. */
import { dirname, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { problemText } from '../../src/document/document.ts';

const file = 'policies/gateway.yaml';
const folder = dirname(resolve(file));
const LITERAL =
  'expected { secret: REFERENCE }, with env://NAME, file:///PATH, exec://PROGRAM WORDS or keychain://SERVICE/ACCOUNT; a secret itself stands in no file of ours';

function load(text: string) {
  const loaded = loadConfig({ file, text: `version: 1\n${text}`, env: {} });
  return loaded.ok ? loaded.value : loaded.error.map((problem) => problemText(problem).replace(`${file}:`, ''));
}

test('people are named by group or subject, each of an issuer, and sign in at one', () => {
  const text = (client: string) => `identity:
  issuers: [{ url: "http://127.0.0.1:8080", audience: x, keys: a.json, tenant: org }]
  roles:
    viewer: ["group:staff", "group:leads@example.com", "group:all@http://127.0.0.1:8080"]
    admin: ["user:ada@example.com@http://127.0.0.1:8080"]
  owners: { "desk@http://127.0.0.1:8080": ["group:staff"] }
  sign_in: { issuer: "http://127.0.0.1:8080", client: ${client} }
`;
  const issuer = 'http://127.0.0.1:8080';
  const viewer = (name: string) => ({ role: 'viewer', kind: 'group', name, issuer });
  expect(load(text('{ id: tollgate, secret: { secret: "env://S" } }'))).toMatchObject({
    people: {
      roles: [
        ...['staff', 'leads@example.com', 'all'].map(viewer),
        { role: 'admin', kind: 'user', name: 'ada@example.com', issuer },
      ],
      owners: [{ client: 'desk', issuer, owners: [{ kind: 'group', name: 'staff', issuer }] }],
      signIn: { issuer, tenant: 'org', client: { id: 'tollgate', secret: 'env://S' } },
    },
  });
  expect(load(text('{ id: tollgate, key: ../key.pem, alg: ES256 }'))).toMatchObject({
    people: { signIn: { client: { id: 'tollgate', key: resolve(folder, '../key.pem'), alg: 'ES256' } } },
  });
});

describe('what is wrong is told where it is:', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'people whom nobody can be sure of',
      `identity:
  issuers: [{ url: "https://a.example", audience: x, keys: a.json, tenant: org }]
  roles:
    viewer: [staff, "group:", "user:ada", "user:ada@https://b.example", "group:staff@https://a.exampl"]
    aproover: ["group:staff"]
    auditor: []
  owners: { desk: ["user:ada@https://a.example"], "desk@https://b.example": ["user:ada"] }
  sign_in: { issuer: "https://a.example", client: { id: tollgate, secret: hunter2 } }
`,
      [
        '6:5: unknown key "aproover"; did you mean "approver"?',
        '7:14: expected a list of at least 1',
        `9:75: ${LITERAL}`,
      ],
    ],
    [
      'people of issuers that are not there, at each entry',
      `identity:
  issuers: [{ url: "https://a.example", audience: x, keys: a.json, tenant: org }]
  roles:
    viewer: [staff, "group:", "user:ada", "user:ada@https://b.example", "group:staff@https://a.exampl"]
  owners: { desk: ["user:ada@https://a.example"], "desk@https://b.example": ["user:ada"] }
  sign_in: { issuer: "https://c.example", client: { id: tollgate, key: key.pem } }
`,
      [
        '5:14: expected group:NAME, group:NAME@ISSUER or user:SUBJECT@ISSUER',
        '5:21: expected group:NAME, group:NAME@ISSUER or user:SUBJECT@ISSUER',
        '5:31: ambiguous, since a subject is one of an issuer: write "user:ada@https://a.example"',
        '5:43: https://b.example is none of "issuers"; did you mean "https://a.example"?',
        '5:73: https://a.exampl is none of "issuers"; did you mean "https://a.example"?',
        '6:19: expected CLIENT@ISSUER',
        '6:77: https://b.example is none of "issuers"; did you mean "https://a.example"?',
        '6:78: ambiguous, since a subject is one of an issuer: write "user:ada@https://a.example"',
        '7:22: https://c.example is none of "issuers"; did you mean "https://a.example"?',
      ],
    ],
    [
      'roles that nobody can have',
      `identity:
  issuers: [{ url: "https://a.example", audience: x, keys: a.json }]
  roles: { viewer: ["group:staff"] }
`,
      ['4:10: nobody can have a role: add "sign_in", where people sign in'],
    ],
  ];
  test.each(rows)('%s', (_, text, problems) => {
    expect(load(text)).toEqual(problems);
  });
});
