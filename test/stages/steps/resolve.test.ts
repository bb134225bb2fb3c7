import { describe, expect, onTestFinished, test } from 'vitest';
import type { InSession, Received } from '../../../src/domain/call.ts';
import type { Definition } from '../../../src/domain/contract.ts';
import { canonical, type JsonObject, sha256 } from '../../../src/domain/json.ts';
import type { Lock } from '../../../src/domain/lock.ts';
import { namesOf } from '../../../src/domain/names.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import { resolveTarget } from '../../../src/stages/resolve-target.ts';
import { definitionOf, HEAD, lockOf, profileOf } from '../../policy/policy-text.ts';
import { AT, desks, passed, refusalOf } from './desk.ts';
import { type ListedServers, type Listing, listedServers } from './listing.ts';

const desk = desks();

const SCHEMA = {
  type: 'object',
  properties: { to: { type: 'string', 'x-mcp-header': 'To' }, n: { type: 'number', default: 7 } },
  additionalProperties: false,
};
const ACT = definitionOf(SCHEMA);
const ASK: Definition = { ...definitionOf({ ...SCHEMA, required: ['to'] }), kind: 'prompt', name: 'ask' };
const CRM = { crm: { definitions: [ACT, ASK] } };

const CRM_ONLY = 'servers: { crm: { command: [node, crm.js] } }\n';
const SERVERS = 'servers: { crm: { command: [node, crm.js] }, desk: { command: [node, desk.js] } }\n';
const POLICY = `${HEAD}${SERVERS}tools: { crm.act: { effect: write }, crm.hidden: { visible: false }, desk.lay: {} }
prompts: [{ server: crm, name: ask }, { server: crm, name: gone }]
`;
/** As `lockOf`, with these definitions, templates and pages; of both servers. */
const lockWith = (
  definitions: readonly Definition[],
  rest: Partial<{ templates: readonly JsonObject[] }> = {},
): Lock => {
  const lock = lockOf([]);
  const crm = lock.servers.get('crm');
  if (crm === undefined) throw new Error('the lock has no crm');
  return { ...lock, servers: new Map([['crm', { ...crm, definitions, ...rest }]]) };
};

interface Given extends Partial<Received> {
  readonly profile?: Profile;
}

async function resolving(servers: Readonly<Record<string, Listing>>, changed: readonly Definition[] = []) {
  const one = await desk('{ effect: write }');
  const session = await one.resolved();
  const listed: ListedServers = listedServers(servers, changed);
  const resolve = resolveTarget({
    ledger: one.ledger,
    downstream: listed.downstream,
    names: (profile) => passed(namesOf(profile)),
    now: () => AT,
  });
  const plain = profileOf(POLICY);
  const call = (rest: Given): InSession => {
    const {
      policy: _p,
      contract: _c,
      definition: _d,
      effective: _e,
      canonical: _t,
      digest: _g,
      ...inSession
    } = session;
    return { ...inSession, profile: plain, ...rest };
  };
  return { ...one, ...listed, session: session.session, resolve: (rest: Given) => resolve(call(rest)) };
}

const PROMPT = { operation: 'prompts/get', target: 'crm__ask' } as const;

describe('what is called', () => {
  test('is the tool or prompt of that name, with defaults, frozen and digested', async () => {
    const { resolve } = await resolving(CRM);
    const tool = passed(await resolve({ target: 'crm__act', arguments: { to: 'ada' } }));
    expect(tool).toMatchObject({ definition: ACT, contract: { server: 'crm', name: 'act' }, agentReason: undefined });
    expect(tool.effective).toEqual({ to: 'ada', n: 7 });
    expect(Object.isFrozen(tool.effective)).toBe(true);
    expect(tool.canonical).toBe(canonical({ to: 'ada', n: 7 }));
    expect(tool.digest).toBe(sha256(tool.canonical));
    const prompt = passed(await resolve({ ...PROMPT, arguments: { to: 'ada' } }));
    expect(prompt).toMatchObject({ definition: ASK, contract: { name: 'ask' }, effective: { to: 'ada' } });
  });

  test('is unknown where the policy does not show it to agents, whatever its server lists', async () => {
    const all = [ACT, ASK, { ...ACT, name: 'hidden' }, { ...ACT, name: 'other' }, { ...ASK, name: 'other' }];
    const { resolve, asked } = await resolving({ crm: { definitions: all } });
    for (const target of ['crm__hidden', 'crm__other', 'crm.act', 'act', 'crm__ask', ''])
      expect(refusalOf(await resolve({ target }))).toEqual({ reason: 'target_unknown', target });
    for (const target of ['crm__other', 'crm__act', 'ask'])
      expect(refusalOf(await resolve({ ...PROMPT, target }))).toEqual({ reason: 'target_unknown', target });
    expect(asked).toEqual([]);
  });

  test('is unknown where its server does not list it as what it is asked for', async () => {
    const { resolve } = await resolving({
      crm: {
        definitions: [
          { ...ASK, name: 'act' },
          { ...ACT, name: 'ask' },
        ],
      },
    });
    expect(refusalOf(await resolve({ target: 'crm__act' })).reason).toBe('target_unknown');
    expect(refusalOf(await resolve(PROMPT)).reason).toBe('target_unknown');
    expect(refusalOf(await resolve({ ...PROMPT, target: 'crm__gone' })).reason).toBe('target_unknown');
  });

  test('is what a person accepted, and unknown where nobody did: what the server lists counts for nothing', async () => {
    const { resolve } = await resolving(CRM);
    const withLock = (lock: Lock): Profile => ({ ...profileOf(POLICY), lock });
    const locked = { ...ACT, description: 'As it was accepted.' };
    const made = passed(await resolve({ target: 'crm__act', profile: withLock(lockWith([ASK, locked])) }));
    expect(made.definition).toBe(locked);
    const unaccepted = { target: 'crm__act', profile: withLock(lockWith([{ ...ASK, name: 'act' }])) };
    expect(refusalOf(await resolve(unaccepted))).toEqual({ reason: 'target_unknown', target: 'crm__act' });
    const nothing = { target: 'crm__act', profile: withLock({ ...lockWith([ACT]), servers: new Map() }) };
    expect(refusalOf(await resolve(nothing)).reason).toBe('target_unknown');
  });

  test('is refused where its server describes it otherwise by now', async () => {
    const { resolve } = await resolving(CRM, [ACT]);
    expect(refusalOf(await resolve({ target: 'crm__act' }))).toEqual({ reason: 'tool_changed', target: 'crm.act' });
    expect((await resolve({ ...PROMPT, arguments: { to: 'ada' } })).ok).toBe(true);
  });

  test('is refused where what is given does not fit its schema', async () => {
    const { resolve } = await resolving(CRM);
    for (const given of [{ to: 7 }, { bcc: 'eve' }])
      expect(refusalOf(await resolve({ target: 'crm__act', arguments: given })).reason).toBe('invalid_arguments');
    expect(refusalOf(await resolve({ ...PROMPT, arguments: {} })).reason).toBe('invalid_arguments');
  });

  test('is not there where its server is away, and says so; of a session that was paused meanwhile, that it was', async () => {
    const { resolve, ledger, session } = await resolving(CRM);
    const away = { reason: 'server_unavailable', server: 'desk', why: 'it is away' };
    expect(refusalOf(await resolve({ target: 'desk__lay' }))).toEqual(away);
    passed(await ledger.change(session.id, 'pause', 'ada', 'lunch', AT));
    expect(refusalOf(await resolve({ target: 'desk__lay' }))).toEqual({ reason: 'session_paused' });
  });

  test('is not looked for where a person stopped it: no server is asked, and no other tool is stopped', async () => {
    const { resolve, ledger, asked } = await resolving(CRM);
    const stop = passed(await ledger.stop({ kind: 'tool', key: 'crm.act', by: 'ada', why: 'No.', at: AT }));
    expect(refusalOf(await resolve({ target: 'crm__act' }))).toEqual({ reason: 'stopped', stop });
    expect(asked).toEqual([]);
    expect((await resolve({ ...PROMPT, arguments: { to: 'ada' } })).ok).toBe(true);
    passed(await ledger.lift(stop.id, 'ada', 'Go on.', AT));
    expect((await resolve({ target: 'crm__act' })).ok).toBe(true);
  });
});

describe('a header that repeats an argument', () => {
  test('must say what the argument says: whoever routes by it would else see another call', async () => {
    const { resolve } = await resolving(CRM);
    const mirrored = (headers: Record<string, string> | undefined, given: JsonObject = { to: 'ada' }) =>
      resolve({ target: 'crm__act', arguments: given, mirrored: headers });
    for (const headers of [{ 'mcp-param-to': 'eve' }, {}])
      expect(refusalOf(await mirrored(headers))).toEqual({
        reason: 'header_mismatch',
        why: 'mcp-param-to must equal the argument to',
      });
    expect(refusalOf(await mirrored({ 'mcp-param-to': 'eve' }, {})).reason).toBe('header_mismatch');
    expect((await mirrored({ 'mcp-param-to': 'ada' })).ok).toBe(true);
    expect((await mirrored(undefined)).ok).toBe(true);
  });

  test('is not asked for where the mark is not valid', async () => {
    const marked = definitionOf({ type: 'object', properties: { to: { type: 'string', 'x-mcp-header': ' ' } } });
    const { resolve } = await resolving({ crm: { definitions: [marked] } });
    for (let n = 0; n < 2; n++)
      expect((await resolve({ target: 'crm__act', arguments: { to: 'ada' }, mirrored: {} })).ok).toBe(true);
  });
});

describe('why the agent calls', () => {
  const ASKING = profileOf(`${POLICY}session: { require_reason: [write] }\n`);
  const call = { target: 'crm__act', profile: ASKING };

  test('is taken out of what is sent, and asked for where the policy wants it', async () => {
    const { resolve } = await resolving(CRM);
    const made = passed(await resolve({ ...call, arguments: { to: 'ada', tollgate_reason: 'She asked.' } }));
    expect([made.agentReason, made.effective]).toEqual(['She asked.', { to: 'ada', n: 7 }]);
    expect(refusalOf(await resolve({ ...call, arguments: { to: 'ada' } }))).toEqual({
      reason: 'invalid_arguments',
      problems: [expect.stringContaining('tollgate_reason')],
    });
  });

  test('is an argument like any other where nobody asks', async () => {
    const { resolve } = await resolving(CRM);
    const given = { to: 'ada', tollgate_reason: 'She asked.' };
    expect(refusalOf(await resolve({ target: 'crm__act', arguments: given })).reason).toBe('invalid_arguments');
  });
});

describe('tollgate__continue', () => {
  const CONTINUE = { target: 'tollgate__continue' };
  const held = async (agentReason?: string) => {
    const one = await resolving(CRM);
    const resolved = {
      ...passed(await one.resolve({ target: 'crm__act', arguments: { to: 'ada', n: 1 } })),
      agentReason,
    };
    const judged = passed(await one.judged(resolved));
    const needs = [{ kind: 'rule', rule: 'crm.act.approval', reason: undefined }] as const;
    const placed = refusalOf(await one.approved({ ...passed(await one.afforded(judged)), needs }));
    if (placed.reason !== 'held') throw new Error('it was not held');
    return { ...one, hold: placed.hold };
  };
  const NO_HOLD = {
    reason: 'invalid_arguments',
    problems: ['`hold` must be the id of a hold of this session'],
  };

  test('presents what the hold keeps, with its reason and without its headers', async () => {
    const { resolve, hold } = await held('She asked.');
    const asking = profileOf(`${POLICY}session: { require_reason: [write] }\n`);
    const given = { hold: hold.id, to: 'eve' };
    for (const profile of [profileOf(POLICY), asking]) {
      const made = passed(await resolve({ ...CONTINUE, arguments: given, profile, mirrored: {} }));
      expect(made).toMatchObject({ effective: { to: 'ada', n: 1 }, agentReason: 'She asked.', digest: hold.digest });
    }
  });

  test('finds no hold but those of its own session, by their id', async () => {
    const { hold } = await held();
    const elsewhere = await resolving(CRM);
    for (const given of [{ hold: hold.id }, { hold: 'h_none' }, { hold: [hold.id] }, {}, { Hold: hold.id }])
      expect(refusalOf(await elsewhere.resolve({ ...CONTINUE, arguments: given }))).toEqual(NO_HOLD);
  });

  test('of what is no tool gives nothing: it would be read as a tool’s answer', async () => {
    const one = await desk('{ effect: write }');
    const call = await one.resolved();
    const contract = { ...call.contract, kind: 'resource', name: 'crm://1' } as const;
    const judged = passed(await one.judged({ ...call, contract }));
    const needs = [{ kind: 'rule', rule: 'r', reason: undefined }] as const;
    const placed = refusalOf(await one.approved({ ...passed(await one.afforded(judged)), needs }));
    if (placed.reason !== 'held') throw new Error('it was not held');
    const { downstream } = listedServers(CRM);
    const names = (profile: Profile) => passed(namesOf(profile));
    const resolve = resolveTarget({ ledger: one.ledger, downstream, names, now: () => AT });
    expect(refusalOf(await resolve({ ...call, ...CONTINUE, arguments: { hold: placed.hold.id } }))).toEqual({
      reason: 'denied',
      rules: [],
      why: expect.stringContaining('which no tool can give'),
      remedy: expect.stringContaining('make that very request again'),
    });
  });

  test('of what ran already is its result, and of the very call that runs is that call', async () => {
    const one = await desk('{ effect: write, approval: {} }', '', { verify: () => true });
    const call = await one.resolved();
    const first = refusalOf(await one.through(call));
    if (first.reason !== 'held') throw new Error('it was not held');
    const { kid, nonce } = { kid: 'k', nonce: 'n' };
    const decision = {
      verdict: 'approve',
      by: 'grace',
      at: AT,
      because: undefined,
      nonce,
      kid,
      signature: 's',
    } as const;
    passed(await one.ledger.decide(first.hold.id, decision));
    const ran = passed(await one.through(call));
    const { downstream } = listedServers({ crm: { definitions: [definitionOf({ type: 'object' })] } });
    const names = (profile: Profile) => passed(namesOf(profile));
    const resolve = resolveTarget({ ledger: one.ledger, downstream, names, now: () => AT });
    const again = { ...call, ...CONTINUE, arguments: { hold: first.hold.id } };
    expect(refusalOf(await resolve({ ...again, id: 'another' }))).toEqual({
      reason: 'repeated',
      call: ran.id,
      textOnly: true,
    });
    expect((await resolve(again)).ok).toBe(true);
  });
});

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
      expect(asked).toContain(`resources of crm for ${session.id}`);
      return server;
    };
    const shows = (uri: string): Listing => ({ resources: [{ uri: 'x://other' }, { uri }] });
    expect(await serverOf('x://a', { resources: [] }, shows('x://a'))).toBe('desk');
    expect(await serverOf('x://a', shows('x://a'), shows('x://a'))).toBe('crm');
    expect(await serverOf('x://a', shows('x://b'), shows('x://b'))).toBe('crm');
    expect(await serverOf('x://a', { resources: [] }, undefined)).toBe('crm');
    expect(await serverOf('x://page', shows('x://b'), { resources: [], definitions: [ACT, page] })).toBe('desk');
    expect(await serverOf('x://other', shows('x://b'), { resources: [], definitions: [page] })).toBe('crm');
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
    const crm = { ...lockWith([]).servers.get('crm'), pages: new Map([['ui://a', 'sha256:a']]) };
    const locked = { ...pages, lock: { ...lockWith([]), servers: new Map([['crm', crm]]) } as Lock };
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
