import { describe, expect, test } from 'vitest';
import type { Profile } from '../../src/domain/policy.ts';
import { localCaller } from '../../src/domain/principal.ts';
import { chooseProfile, type Profiles } from '../../src/stages/choose-profile.ts';
import { profileOf, saidOfTool } from '../policy/policy-text.ts';

const ISSUER = 'https://login.example.com';
const support = {
  principal: { issuer: ISSUER, subject: 'ada', client: 'desk', actors: [], tenant: 'acme' },
  groups: ['support'],
  tokenClaims: new Map(),
  scopes: [],
  sid: undefined,
};
const [local, helped, led] = [
  profileOf(saidOfTool('{}')),
  profileOf(saidOfTool('{}').replace('who: local', `who: [{ issuer: "${ISSUER}", groups: [support] }]`)),
  profileOf(saidOfTool('{}').replace('who: local', `who: [local, { issuer: "${ISSUER}", groups: [leads] }]`)),
];

const route = (profile?: string) => ({ profile, session: undefined, folder: undefined });
const of = (profiles: Readonly<Record<string, Profile>>): Profiles =>
  new Map(Object.entries(profiles).map(([name, profile]) => [name, { ...profile, name }]));
const ALL = of({ local, helped, led });
const UNKNOWN = { ok: false, error: { reason: 'session_unknown' } };

describe('a caller works under', () => {
  test('the only profile that lets it in, whatever others there are', () => {
    expect(chooseProfile(ALL, route(), support)).toEqual({ ok: true, value: ALL.get('helped') });
  });

  test('the one it chooses where several do, and none before: only those it may have are named', () => {
    const ada = localCaller('ada');
    expect(chooseProfile(ALL, route(), ada)).toEqual({
      ok: false,
      error: { reason: 'profile_unclear', profiles: ['local', 'led'] },
    });
    expect(chooseProfile(ALL, route('led'), ada)).toEqual({ ok: true, value: ALL.get('led') });
  });

  test('none that does not let it in, as if it were not there', () => {
    const stranger = { ...support, groups: [] };
    const refused = [
      chooseProfile(ALL, route('led'), support),
      chooseProfile(ALL, route('none'), support),
      chooseProfile(ALL, route(), stranger),
      chooseProfile(new Map(), route(), support),
    ];
    for (const one of refused) expect(one).toEqual(UNKNOWN);
  });
});
