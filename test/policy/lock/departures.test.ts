import { describe, expect, test } from 'vitest';
import type { Definition } from '../../../src/domain/contract.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { Accepted, LockedServer } from '../../../src/domain/lock.ts';
import { definitionOf } from '../../../src/policy/lock/definition-of.ts';
import {
  acceptedTemplate,
  departedInstructions,
  departedTemplates,
  departuresFrom,
  departuresFromFirst,
  isOtherEra,
  otherEraWords,
  type Reading,
} from '../../../src/policy/lock/departures.ts';

const define = (kind: Definition['kind'], entry: JsonObject): Definition => {
  const made = definitionOf('crm', kind, { inputSchema: { type: 'object' }, ...entry });
  if (!made.ok) throw new Error(made.error);
  return made.value;
};
const toolsOf = (...entries: readonly JsonObject[]) => entries.map((entry) => define('tool', entry));
const accepted = (server: Partial<LockedServer>): Accepted => ({
  policy: 'p.yaml',
  lock: 'p.lock.json',
  server: {
    instructions: undefined,
    definitions: [],
    templates: [],
    pages: new Map(),
    reached: undefined,
    ...server,
  },
});
const reading = (now: readonly Definition[], isPartial = false): Reading => ({
  kind: 'tool',
  now: new Map(now.map((one) => [one.name, one])),
  isPartial,
});

const ACT = { name: 'act', description: 'Acts.' };
const OTHER = { name: 'act', description: 'Acts for somebody else.' };
const HINTED = { ...ACT, annotations: { destructiveHint: true } };

describe('without a lock, against what a server said first', () => {
  const told = (now: readonly Definition[], isPartial = false) =>
    departuresFromFirst(toolsOf(ACT), reading(now, isPartial));

  test('what is described otherwise or gone is told; what is as it was, and what is new, is not', () => {
    expect(told(toolsOf(ACT))).toEqual([]);
    expect(told(toolsOf(ACT, { name: 'be' }))).toEqual([]);
    expect(told(toolsOf(OTHER))).toEqual(['the tool act is described otherwise than at first: its calls are refused']);
    expect(told([])).toEqual(['the tool act is no longer listed: its calls are refused']);
  });

  test('what a connection that may be shown less does not show is no change; what it shows otherwise is', () => {
    expect(told([], true)).toEqual([]);
    expect(told(toolsOf(OTHER), true)).toHaveLength(1);
  });
});

describe('against a lock', () => {
  const told = (now: readonly Definition[], isPartial = false) =>
    departuresFrom(
      accepted({ definitions: [...toolsOf(ACT, { name: 'be' }), define('prompt', { name: 'ask' })] }),
      reading(now, isPartial),
    );
  const SEE = '(tollgate policy diff p.yaml)';

  test('tools are held against tools: nothing is told where all are as they were', () => {
    expect(told(toolsOf(ACT, { name: 'be' }))).toEqual([]);
  });

  test('each that changed, is gone or is new is a line, and so is a hint that changed', () => {
    expect(told(toolsOf(OTHER, { name: 'cut' }, { name: 'ask' }))).toEqual([
      `the tool act is described otherwise than in p.lock.json: its calls are refused ${SEE}`,
      'the tool be is no longer listed: its calls are refused',
      `the tool cut is new and not in p.lock.json: agents have it once it is accepted ${SEE}`,
      `the tool ask is new and not in p.lock.json: agents have it once it is accepted ${SEE}`,
    ]);
    expect(told(toolsOf(HINTED, { name: 'be' }))).toEqual([
      'the annotations of the tool act are not those in p.lock.json: they are hints, and only told',
    ]);
    expect(told(toolsOf({ ...OTHER, annotations: {} }), true)).toEqual([
      `the tool act is described otherwise than in p.lock.json: its calls are refused ${SEE}`,
    ]);
    expect(told([], true)).toEqual([]);
    const hinted = accepted({ definitions: toolsOf(HINTED) });
    expect(departuresFrom(hinted, reading(toolsOf(HINTED)))).toEqual([]);
    expect(departuresFrom(hinted, reading(toolsOf(ACT)))).toHaveLength(1);
  });
});

describe('a server in another era than any lock has it in', () => {
  const [modern, legacy] = [accepted({ era: 'modern' }), accepted({ era: 'legacy' })];

  test('is another server; one that a lock has in its era, or in none, is not', () => {
    expect(isOtherEra([modern], 'legacy')).toBe(true);
    expect(isOtherEra([modern, modern], 'legacy')).toBe(true);
    expect(isOtherEra([modern, legacy], 'legacy')).toBe(false);
    expect(isOtherEra([modern, accepted({})], 'legacy')).toBe(false);
    expect(isOtherEra([modern], 'modern')).toBe(false);
    expect(isOtherEra([], 'modern')).toBe(false);
  });

  test('is told for each policy that pinned it', () => {
    expect(otherEraWords([modern], 'legacy')).toEqual([
      'it speaks the legacy era, and the modern one in p.lock.json: nothing of it can be used (tollgate policy diff p.yaml)',
    ]);
  });
});

test('instructions that are not the accepted ones are told, and only those', () => {
  const kind = accepted({ instructions: 'Be kind.' });
  expect(departedInstructions([kind], 'Be kind.')).toEqual([]);
  expect(departedInstructions([kind, accepted({ instructions: 'Obey.' })], 'Obey.')).toEqual([
    'its instructions are not those in p.lock.json, which agents go on being shown (tollgate policy diff p.yaml)',
  ]);
  expect(departedInstructions([kind], undefined)).toHaveLength(1);
});

describe('a template', () => {
  const CASE = { uriTemplate: 'crm://{id}', name: 'case' };
  const { server } = accepted({ templates: [{ uriTemplate: 'crm://all', name: 'all' }, CASE] });

  test('is the accepted one where it is described as it was then; hints may be others', () => {
    expect(acceptedTemplate(server, { ...CASE, annotations: { priority: 1 } })).toBe(server.templates[1]);
    expect(acceptedTemplate(server, { ...CASE, name: 'every case' })).toBeUndefined();
    expect(acceptedTemplate(server, { ...CASE, uriTemplate: 'crm://{path}' })).toBeUndefined();
  });

  test('that is not is told by its pattern', () => {
    const told = departedTemplates({ policy: 'p.yaml', lock: 'p.lock.json', server }, [
      CASE,
      { ...CASE, uriTemplate: 'crm://{path}' },
    ]);
    expect(told).toEqual([
      'the template crm://{path} is not as in p.lock.json, and not shown (tollgate policy diff p.yaml)',
    ]);
  });
});
