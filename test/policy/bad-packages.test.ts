import { describe, expect, it } from 'vitest';
import { problemsIn, saidOfServer } from './policy-text.ts';

const PACKAGE = 'write: package: "npm:some-server@MAJOR.MINOR.PATCH"';
const NOTHING = 'write: package: "npm:NAME@MAJOR.MINOR.PATCH"';
const ELSEWHERE = 'install the program beforehand, and write the command that starts it';
const floating = (version: string): string =>
  `expected an exact version, found "${version}", which may be another one tomorrow`;

describe('what fetches code when it starts is refused, with the line to write instead', () => {
  it.each([
    ['npx', '[npx, -y, some-server]', PACKAGE],
    ['npx', '[/usr/local/bin/npx, some-server@latest]', PACKAGE],
    ['npx', '["C:\\\\node\\\\npx.cmd", some-server]', PACKAGE],
    ['npx', '[npx, "@a/some-server@^1.2.3"]', 'write: package: "npm:@a/some-server@1.2.3"'],
    ['uvx', '[uvx, some-server]', ELSEWHERE],
    ['npm exec', '[npm, --yes, exec, some-server]', PACKAGE],
    ['npm x', '[npm, x, some-server]', PACKAGE],
    ['pnpm dlx', '[pnpm, dlx, some-server]', PACKAGE],
    ['bunx', '[bunx, some-server]', PACKAGE],
    ['uv tool', '[uv, tool, run, some-server]', ELSEWHERE],
    ['pipx run', '[pipx, run, some-server]', ELSEWHERE],
  ])('%s: %s', (fetcher, command, instead) => {
    expect(problemsIn(saidOfServer(`{ command: ${command} }`))).toEqual([
      `4:28: "${fetcher}" fetches code when it starts; ${instead}`,
    ]);
  });

  it.each([
    ['npm:some-server', 'the version is missing', PACKAGE],
    ['npm:some-server@latest', floating('latest'), PACKAGE],
    ['npm:some-server@1', floating('1'), PACKAGE],
    ['npm:some-server@1.x', floating('1.x'), PACKAGE],
    ['npm:some-server@>=1.2.3', floating('>=1.2.3'), PACKAGE],
    ['npm:some-server@*', floating('*'), PACKAGE],
    ['npm:some-server@1.2.3 || 2.0.0', floating('1.2.3 || 2.0.0'), PACKAGE],
    ['npm:@a/some-server@~1.2.3', floating('~1.2.3'), 'write: package: "npm:@a/some-server@1.2.3"'],
    ['npm:some-server@npm:other@1.2.3', floating('npm:other@1.2.3'), PACKAGE],
    ['some-server@1.2.3', 'expected npm:NAME@VERSION', 'write: package: "npm:some-server@1.2.3"'],
    ['npm:https://x/y.tgz', 'expected npm:NAME@VERSION', NOTHING],
    ['npm:../beside@1.2.3', 'expected npm:NAME@VERSION', NOTHING],
    ['npm:--prefix=/@1.2.3', 'expected npm:NAME@VERSION', NOTHING],
    ['pypi:some-server@1.2.3', 'expected npm:NAME@VERSION', NOTHING],
  ])('package %s', (text, wrong, instead) => {
    expect(problemsIn(saidOfServer(`{ package: "${text}" }`))).toEqual([`4:28: ${wrong}; ${instead}`]);
  });

  it('lets installed programs be', () => {
    expect(problemsIn(saidOfServer('{ command: [npm, run, exec] }'))).toEqual([]);
    expect(problemsIn(saidOfServer('{ command: [node, npx] }'))).toEqual([]);
  });
});
