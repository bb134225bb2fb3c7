import { describe, expect, onTestFinished, test } from 'vitest';
import type { Definition } from '../../../src/domain/contract.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { definitionOf, HEAD, profileOf } from '../../policy/policy-text.ts';
import { AT, desks, passed, refusalOf } from './desk.ts';
import type { Listing } from './listing.ts';
import { ACT, ASK, CRM, CRM_ONLY, lockWith, resolving as resolvingAt, SERVERS } from './resolving.ts';

const desk = desks();
const resolving = async (servers: Readonly<Record<string, Listing>>, changed: readonly Definition[] = []) =>
  resolvingAt(await desk('{ effect: write }'), servers, changed);

describe('a resource', () => {
  const READ = { operation: 'resources/read' } as const;
  const both = profileOf(`${HEAD}${SERVERS}tools: {}
resources:
  - { server: crm, uri: "crm://one" }
  - { server: crm, uri: "x://**" }
  - { server: desk, uri: "x://**" }
`);
  const read = (target: string, profile = both) => ({ ...READ, target, profile });

  test('is the one whose pattern matches first, by its own URI', async () => {
    const { resolve, asked } = await resolving({});
    const made = passed(await resolve(read('crm://one')));
    expect(made).toMatchObject({
      contract: { server: 'crm', name: 'crm://one' },
      effective: { uri: 'crm://one' },
      definition: undefined,
    });
    expect(made.policy).toBe(both.resources[0]);
    expect(passed(await resolve({ ...read('crm://one'), operation: 'resources/subscribe' })).contract.name).toBe(
      'crm://one',
    );
    expect(asked).toEqual([]);
    expect(refusalOf(await resolve(read('crm://two')))).toEqual({ reason: 'target_unknown', target: 'crm://two' });
  });

  test('that several servers may have is that of the server that shows it, in its list or as the page of a tool', async () => {
    const page = definitionOf({ type: 'object' }, { _meta: { ui: { resourceUri: 'x://page' } } });
    const serverOf = async (uri: string, crm: Listing, other: Listing | undefined) => {
      const { resolve, asked, session } = await resolving({ crm, ...(other && { desk: other }) });
      const { server } = passed(await resolve(read(uri))).contract;
      expect(asked).toEqual(expect.arrayContaining([`resources of crm for ${session.id}`, 'tools of crm']));
      return server;
    };
    const shows = (uri: string): Listing => ({ resources: [{ uri: 'x://other' }, { uri }] });
    expect(await serverOf('x://a', { resources: [] }, shows('x://a'))).toBe('desk');
    expect(await serverOf('x://a', shows('x://a'), shows('x://a'))).toBe('crm');
    expect(await serverOf('x://a', shows('x://b'), shows('x://b'))).toBe('crm');
    expect(await serverOf('x://a', { resources: [] }, undefined)).toBe('crm');
    expect(await serverOf('x://page', shows('x://b'), { resources: [], definitions: [ACT, page] })).toBe('desk');
    expect(await serverOf('x://third', shows('x://b'), { resources: [], definitions: [page] })).toBe('crm');
  });

  test('is asked of no server where a person stopped any that may have it', async () => {
    const { resolve, ledger, asked } = await resolving({ crm: { resources: [] }, desk: { resources: [] } });
    const stop = passed(await ledger.stop({ kind: 'server', key: 'desk', by: 'ada', why: 'No.', at: AT }));
    onTestFinished(async () => void (await ledger.lift(stop.id, 'ada', 'Go on.', AT)));
    expect(refusalOf(await resolve(read('x://a')))).toEqual({ reason: 'stopped', stop });
    expect(asked).toEqual([]);
    expect((await resolve(read('crm://one'))).ok).toBe(true);
  });

  test('that is a page is there only as it was accepted', async () => {
    const { resolve } = await resolving({});
    const pages = profileOf(`${HEAD}${CRM_ONLY}tools: {}\nresources: [{ server: crm, uri: "ui://**" }]\n`);
    const locked = { ...pages, lock: lockWith([], { pages: new Map([['ui://a', 'sha256:a']]) }) };
    expect((await resolve(read('ui://a', locked))).ok).toBe(true);
    expect((await resolve(read('ui://b', pages))).ok).toBe(true);
    expect(refusalOf(await resolve(read('ui://b', locked)))).toEqual({ reason: 'target_unknown', target: 'ui://b' });
  });
});

describe('a completion', () => {
  const COMPLETE = { operation: 'completion/complete', arguments: { argument: { name: 'x', value: 'a' } } } as const;
  const rooms = profileOf(
    `${HEAD}${CRM_ONLY}tools: {}\nprompts: [{ server: crm, name: ask }]\nresources: [{ server: crm, uri: "crm://room/**" }]\n`,
  );
  const OF_PROMPT = { ...COMPLETE, completes: 'prompt', target: 'crm__ask', profile: rooms } as const;
  const OF_ROOM = { ...COMPLETE, completes: 'resource', target: 'crm://room/{x}', profile: rooms } as const;

  test('is for a prompt that agents have, by the name that its server gave it', async () => {
    const { resolve } = await resolving(CRM);
    const made = passed(await resolve(OF_PROMPT));
    expect(made.effective).toEqual({ ref: { type: 'ref/prompt', name: 'ask' }, argument: { name: 'x', value: 'a' } });
    expect(made).toMatchObject({ definition: ASK, contract: { name: 'ask' } });
    for (const target of ['ask', 'crm__act'])
      expect(refusalOf(await resolve({ ...OF_PROMPT, target }))).toEqual({ reason: 'target_unknown', target });
    const gone = await resolving({ crm: { definitions: [] } });
    expect(refusalOf(await gone.resolve(OF_PROMPT)).reason).toBe('target_unknown');
  });

  test('is for a template whose every URI is allowed: a wider one completes to names of what is not', async () => {
    const { resolve, asked } = await resolving(CRM);
    const made = passed(await resolve(OF_ROOM));
    expect(made).toMatchObject({ definition: undefined, contract: { server: 'crm', name: 'crm://room/{x}' } });
    expect(made.effective).toEqual({
      ref: { type: 'ref/resource', uri: 'crm://room/{x}' },
      argument: { name: 'x', value: 'a' },
    });
    for (const target of ['crm://{any}/x', 'crm://other/{x}', '{x}'])
      expect(refusalOf(await resolve({ ...OF_ROOM, target }))).toEqual({ reason: 'target_unknown', target });
    expect(asked).toEqual([]);
  });

  test('is for a template that a person accepted, where there is a lock', async () => {
    const { resolve } = await resolving(CRM);
    const profile = (uriTemplate: string) => ({ ...rooms, lock: lockWith([ASK], { templates: [{ uriTemplate }] }) });
    expect((await resolve({ ...OF_ROOM, profile: profile('crm://room/{x}') })).ok).toBe(true);
    expect(refusalOf(await resolve({ ...OF_ROOM, profile: profile('crm://room/{y}') }))).toEqual({
      reason: 'target_unknown',
      target: 'crm://room/{x}',
    });
  });

  test('sends the argument and what was chosen before, text alone, and nothing else that it was given', async () => {
    const { resolve } = await resolving(CRM);
    const completed = (given: JsonObject) => resolve({ ...OF_PROMPT, arguments: given });
    const argument = { name: 'x', value: 'a' };
    const made = passed(
      await completed({ argument: { ...argument, more: 1 }, context: { arguments: { y: 'b' }, more: 1 }, more: 1 }),
    );
    const ref = { type: 'ref/prompt', name: 'ask' };
    expect(made.effective).toEqual({ ref, argument, context: { arguments: { y: 'b' } } });
    expect(passed(await completed({ argument, context: {} })).effective).toEqual({
      ref,
      argument,
      context: { arguments: {} },
    });
    for (const odd of [
      undefined,
      'x',
      {},
      { name: 'x' },
      { value: 'a' },
      { name: 7, value: 'a' },
      { name: 'x', value: 7 },
    ])
      expect(refusalOf(await completed({ argument: odd }))).toEqual({
        reason: 'invalid_arguments',
        problems: ['`argument` must have a name and a value that are text'],
      });
    for (const context of ['x', { arguments: 'x' }, { arguments: { y: 7 } }, { arguments: { y: 'b', z: {} } }])
      expect(refusalOf(await completed({ argument, context }))).toEqual({
        reason: 'invalid_arguments',
        problems: ['`context.arguments` must hold text only'],
      });
  });
});
