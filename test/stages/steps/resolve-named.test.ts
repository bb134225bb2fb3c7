import { describe, expect, test } from 'vitest';
import type { Definition } from '../../../src/domain/contract.ts';
import { canonical, type JsonObject, sha256 } from '../../../src/domain/json.ts';
import type { Lock } from '../../../src/domain/lock.ts';
import type { Profile } from '../../../src/domain/policy.ts';
import { definitionOf, profileOf } from '../../policy/policy-text.ts';
import { AT, desks, EVERYBODY, passed, refusalOf } from './desk.ts';
import { type Listing, listedServers } from './listing.ts';
import { ACT, ASK, CRM, lockWith, POLICY, resolving as resolvingAt, stepOn } from './resolving.ts';

const desk = desks();
const resolving = async (servers: Readonly<Record<string, Listing>>, changed: readonly Definition[] = []) =>
  resolvingAt(await desk('{ effect: write }'), servers, changed);

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

  test('is not for a caller whose token is not for it; a caller of this machine has none', async () => {
    const { resolve, session } = await resolving(CRM);
    const policy = POLICY.replace('effect: write }', 'effect: write, scopes: ["crm:act", "crm:all"] }');
    const profile = profileOf(policy);
    const caller = (...scopes: readonly string[]) => ({
      ...{ profile, target: 'crm__act', arguments: { to: 'ada' }, scopes },
      principal: { ...session.principal, issuer: 'https://login.example.com' },
    });
    expect(refusalOf(await resolve(caller('mail', 'crm:all')))).toEqual({
      reason: 'insufficient_scope',
      scopes: ['mail', 'crm:all', 'crm:act'],
    });
    passed(await resolve(caller('crm:all', 'crm:act')));
    passed(await resolve({ ...caller(), principal: session.principal }));
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

  test('is by the name of the policy what is read for a person, also where agents do not see it, and takes no reason', async () => {
    const { resolve } = await resolving({ crm: { definitions: [ACT, { ...ACT, name: 'hidden' }] } });
    const reading = { shownFor: 'call_waiting', arguments: { to: 'ada' } };
    expect(passed(await resolve({ ...reading, target: 'crm.hidden' }))).toMatchObject({
      contract: { name: 'hidden' },
      effective: { to: 'ada', n: 7 },
      agentReason: undefined,
    });
    const profile = profileOf(`${POLICY}session: { require_reason: [write] }\n`);
    expect(refusalOf(await resolve({ profile, target: 'crm__act', arguments: { to: 'ada' } })).reason).toBe(
      'invalid_arguments',
    );
    expect(passed(await resolve({ ...reading, profile, target: 'crm.act' })).effective).toEqual({ to: 'ada', n: 7 });
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
    const listed = listedServers(CRM);
    const resolve = stepOn(one.ledger, listed);
    expect(refusalOf(await resolve({ ...call, ...CONTINUE, arguments: { hold: placed.hold.id } }))).toEqual({
      reason: 'denied',
      rules: [],
      why: expect.stringContaining('which no tool can give'),
      remedy: expect.stringContaining('make that very request again'),
    });
  });

  test('of what ran already is its result, and of the very call that runs is that call', async () => {
    const one = await desk('{ effect: write, approval: {} }', '', EVERYBODY);
    const call = await one.resolved();
    const first = refusalOf(await one.through(call));
    if (first.reason !== 'held') throw new Error('it was not held');
    const decision = {
      verdict: 'approve',
      by: 'grace',
      // After whatever other tests stopped: an answer before a stop is void.
      at: AT + 1,
      because: undefined,
      nonce: 'n',
      proofs: [{ kind: 'passphrase', kid: 'k', signature: 's' }],
    } as const;
    passed(await one.ledger.decide(first.hold.id, decision));
    const ran = passed(await one.through(call));
    const listed = listedServers({ crm: { definitions: [definitionOf({ type: 'object' })] } });
    const resolve = stepOn(one.ledger, listed);
    const again = { ...call, ...CONTINUE, arguments: { hold: first.hold.id } };
    expect(refusalOf(await resolve({ ...again, id: 'another' }))).toEqual({
      reason: 'repeated',
      call: ran.id,
      textOnly: true,
    });
    expect((await resolve(again)).ok).toBe(true);
  });
});
