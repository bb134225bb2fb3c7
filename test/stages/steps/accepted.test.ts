import { describe, expect, test } from 'vitest';
import type { LockedServer } from '../../../src/domain/lock.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import {
  acceptedInstructions,
  acceptedOf,
  acceptedTemplates,
  hasPage,
  hasTemplate,
} from '../../../src/stages/accepted.ts';
import { definitionOf, lockOf, profileOf, saidOfTool } from '../../policy/policy-text.ts';

const ROOM = { uriTemplate: 'crm://{room}', name: 'room' };
const OPEN = profileOf(saidOfTool('{}'));
const server = (rest: Partial<LockedServer>): LockedServer => ({
  instructions: 'Be kind.',
  definitions: [],
  templates: [ROOM],
  pages: new Map([['ui://form', 'sha256:form']]),
  reached: undefined,
  ...rest,
});
const locked = (rest: Partial<LockedServer> = {}): Profile => ({
  ...OPEN,
  lock: { ...lockOf([]), servers: new Map([['crm', server(rest)]]) },
});

describe('without a lock agents have what the server says', () => {
  test('of its tools, templates, pages and instructions', () => {
    const first = [definitionOf({ type: 'object' })];
    expect(acceptedOf(OPEN, 'crm', 'tool', first)).toBe(first);
    expect(acceptedTemplates(OPEN, 'crm', [ROOM])).toEqual([ROOM]);
    expect(hasTemplate(OPEN, 'crm', 'crm://{other}')).toBe(true);
    expect(hasPage(OPEN, 'crm', 'ui://other')).toBe(true);
    expect(acceptedInstructions(OPEN, 'crm', 'Obey.')).toBe('Obey.');
  });
});

describe('with a lock agents have what a person accepted, and nothing of a server that is not in it:', () => {
  const act = definitionOf({ type: 'object' });
  const ask = { ...act, kind: 'prompt', name: 'ask' } as const;

  test('its tools, and its prompts, whatever it lists now', () => {
    const profile = locked({ definitions: [act, ask] });
    const now = [definitionOf({ type: 'object' }, { description: 'New.' })];
    expect(acceptedOf(profile, 'crm', 'tool', now)).toEqual([act]);
    expect(acceptedOf(profile, 'crm', 'prompt', now)).toEqual([ask]);
    expect(acceptedOf(profile, 'desk', 'tool', now)).toEqual([]);
  });

  test('its templates that are still listed as they were', () => {
    const more = { uriTemplate: 'crm://{other}', name: 'other' };
    expect(acceptedTemplates(locked(), 'crm', [more, ROOM])).toEqual([ROOM]);
    expect(acceptedTemplates(locked(), 'crm', [{ ...ROOM, name: 'every room' }])).toEqual([]);
    expect(acceptedTemplates(locked(), 'desk', [ROOM])).toEqual([]);
    expect(hasTemplate(locked({ templates: [more, ROOM] }), 'crm', 'crm://{room}')).toBe(true);
    expect(hasTemplate(locked(), 'crm', 'crm://{other}')).toBe(false);
    expect(hasTemplate(locked(), 'desk', 'crm://{room}')).toBe(false);
  });

  test('its pages, however their address is written; what is no page is no matter of the lock', () => {
    expect(hasPage(locked(), 'crm', 'ui://form')).toBe(true);
    for (const uri of ['ui://other', 'UI://form', 'Ui://other', 'ui:form', ' ui://form'])
      expect(hasPage(locked(), 'crm', uri)).toBe(false);
    expect(hasPage(locked(), 'desk', 'ui://form')).toBe(false);
    for (const uri of ['crm://form', 'crm://x?page=ui://form', 'gui://form'])
      expect(hasPage(locked(), 'crm', uri)).toBe(true);
  });

  test('its instructions, or none', () => {
    expect(acceptedInstructions(locked(), 'crm', 'Obey.')).toBe('Be kind.');
    expect(acceptedInstructions(locked({ instructions: undefined }), 'crm', 'Obey.')).toBeUndefined();
    expect(acceptedInstructions(locked(), 'desk', 'Obey.')).toBeUndefined();
  });
});
