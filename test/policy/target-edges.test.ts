import { describe, expect, test } from 'vitest';
import { HEAD, problemsIn, ref, SERVERS, saidOfTool } from './policy-text.ts';

const listing = (said: string): readonly string[] => problemsIn(`${HEAD}${SERVERS}tools: {}\n${said}\n`);

describe('what a call costs', () => {
  test.each(['calls', 'spend', 'runtime', 'sessions', 'retries', 'refusals', 'approvals'])(
    'is never charged to %s by hand',
    (kind) => {
      expect(problemsIn(saidOfTool(`{ charges: { ${kind}: 1 } }`))).toContainEqual(
        expect.stringContaining('this kind of budget counts by itself and cannot be charged'),
      );
    },
  );

  test('is something, where it is said', () => {
    const nothing = expect.stringContaining('expected a class, an amount, or both');
    expect(listing('prompts: [{ server: crm, name: p, spend: {} }]')).toEqual([nothing]);
    expect(listing('resources: [{ server: crm, uri: "https://crm.example.com/**", spend: {} }]')).toEqual([nothing]);
  });
});

describe('the URI of a resource', () => {
  test.each([
    `https://crm.example.com/${ref('session.dir')}`,
    `https://crm.example.com/?of=file://${ref('session.dir')}/a`,
    `file://${ref('session.dir')}/${ref('session.dir')}`,
    `file://${ref('session.di')}/a`,
    `file://${ref('')}/a`,
  ])('has a reference only where a folder can stand: %s', (uri) => {
    expect(listing(`resources: [{ server: crm, uri: "${uri}" }]`)).not.toEqual([]);
  });

  test('may begin with the folder of a session', () => {
    expect(listing(`resources: [{ server: crm, uri: "file://${ref('session.dir')}/**" }]`)).toEqual([]);
  });
});
