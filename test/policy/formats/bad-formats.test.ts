import { describe, expect, it } from 'vitest';
import { problemsIn, ref, saidOfTool } from '../policy-text.ts';

const notPlain = 'expected a plain folder: no "..", "//", backslashes or hidden characters';
const noHost = 'expected a host such as docs.example.com, *.example.com or docs.example.com:8443, found';
const noDomain = 'expected a domain such as customers.example.com or *.example.com, found';

const TABLE: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'formats that lack what they are about',
    saidOfTool('{ arguments: { b: { url: {} }, c: { email: {} }, d: { path: {} }, e: { schemes: [http] } } }'),
    [
      '5:39: "hosts" is missing; expected a list',
      '5:55: "domains" is missing; expected a list',
      '5:73: "within" is missing; expected text or a list',
      '5:99: expected hosts beside schemes',
    ],
  ],
  [
    'formats over another type, and in short beside in full',
    saidOfTool(
      '{ arguments: { a: { type: integer, within: /a }, b: { hosts: [a.b], url: { hosts: [a.b] } }, c: { url: { hosts: [a.b] }, schemes: [http] } } }',
    ),
    [
      '5:62: "within" says nothing about the type integer',
      '5:80: "hosts" is short for a key of "url": write it there',
      '5:149: "schemes" is short for a key of "url": write it there',
    ],
  ],
  [
    'folders that nobody can be within',
    saidOfTool(
      `{ arguments: { a: { within: [/a/../b, "~/x", "", "/a//b", 'a\\b', "${ref('session.dir')}x", "x/${ref('policy.dir')}"] } } }`,
    ),
    [
      `5:48: ${notPlain}`,
      '5:57: expected a folder in full: "~" means another one to everybody',
      `5:64: expected a folder, such as ${ref('session.dir')} or /srv/files`,
      `5:68: ${notPlain}`,
      `5:77: ${notPlain}`,
      `5:84: ${ref('session.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources as file://${ref('session.dir')}`,
      `5:103: ${ref('policy.dir')} works in a server's command, arguments, cwd and env, in front of "within", and in the uri of resources`,
    ],
  ],
  [
    'hosts and domains that nobody can be at',
    saidOfTool(
      '{ arguments: { a: { hosts: [https://a.b, "a.b/c", "*", "*.localhost", 2130706433, "127.1", "a.b.", "u@a.b", "a.b:0", "a.b:70000", "*.1.2.3.4"], schemes: [ftp] }, c: { domains: ["@a.b", "a.b:1", "1.2.3.4", "[::1]", "*a.b"] } } }',
    ),
    [
      `5:47: ${noHost} "https://a.b"`,
      `5:60: ${noHost} "a.b/c"`,
      `5:69: ${noHost} "*"`,
      `5:74: ${noHost} "*.localhost"`,
      '5:89: expected text, found 2130706433',
      `5:101: ${noHost} "127.1"`,
      `5:110: ${noHost} "a.b."`,
      `5:118: ${noHost} "u@a.b"`,
      `5:127: ${noHost} "a.b:0"`,
      `5:136: ${noHost} "a.b:70000"`,
      `5:149: ${noHost} "*.1.2.3.4"`,
      '5:173: expected one of https, http, found "ftp"',
      `5:196: ${noDomain} "@a.b"`,
      `5:204: ${noDomain} "a.b:1"`,
      `5:213: ${noDomain} "1.2.3.4"`,
      `5:224: ${noDomain} "[::1]"`,
      `5:233: ${noDomain} "*a.b"`,
    ],
  ],
];

describe('a policy with something wrong in its formats is refused, with all that is wrong, where it is', () => {
  it.each(TABLE)('%s', (_name, text, problems) => {
    expect(problemsIn(text)).toEqual(problems);
  });
});
