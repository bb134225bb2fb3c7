import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Decision, decisionText } from '../../src/domain/hold.ts';
import { digestOf } from '../../src/domain/json.ts';
import { agentOf } from '../../src/domain/principal.ts';
import type { PassphraseProof } from '../../src/domain/proof.ts';
import { USUAL_TERMS } from '../../src/domain/terms.ts';
import {
  type ApproverBook,
  type ApproverFile,
  createApprover,
  loadApprovers,
  type Signer,
  unlock,
} from '../../src/identity/approvers.ts';
import { KeyFault } from '../../src/identity/keys.ts';

const PASSPHRASE = 'correct horse';
const INSTANCE = 'ledger-1';
const HOLD = { id: 'h_1', binding: 'sha256:b', principal: agentOf('ada'), terms: USUAL_TERMS };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-approvers-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function created(name: string): Promise<ApproverFile> {
  const made = await createApprover(name, PASSPHRASE);
  if (!made.ok) throw new Error(made.error);
  return made.value;
}

async function unlocked(file: ApproverFile): Promise<Signer> {
  const opened = await unlock(file, PASSPHRASE);
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

function decide(signer: Signer, by: string, instance = INSTANCE): Decision {
  const unsigned = { verdict: 'approve', by, at: 1, because: undefined, nonce: 'n' } as const;
  const signature = signer.sign(decisionText(instance, HOLD, unsigned));
  return { ...unsigned, proofs: [{ kind: 'passphrase', kid: signer.kid, signature }] };
}

/** The same answer with its one proof changed. */
const proven = (decision: Decision, change: Partial<PassphraseProof>): Decision => ({
  ...decision,
  proofs: decision.proofs.map((proof) => ({ ...(proof as PassphraseProof), ...change })),
});

const put = (file: object, name: string): void =>
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(file), { mode: 0o600 });

/** Why the folder cannot be loaded, with its own path as `~`. */
function faultOf(): string {
  try {
    loadApprovers(folder);
  } catch (error) {
    if (error instanceof KeyFault) return error.message.replaceAll(folder, '~');
    throw error;
  }
  return 'no fault';
}

/** The same base64url text with one bit of its first byte turned. */
const turned = (text: string): string => {
  const bytes = Buffer.from(text, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64url');
};

describe("a person's key", () => {
  test('opens with its passphrase, in whichever Unicode form it is typed', async () => {
    const made = await createApprover('ada', 'caf\u00e9 au lait');
    expect(made.ok && (await unlock(made.value, 'cafe\u0301 au lait')).ok).toBe(true);
  });

  test('stays shut to another passphrase, which is a refusal and no fault', async () => {
    const file = await created('ada');
    expect(await unlock(file, 'correct hors')).toEqual({ ok: false, error: 'The passphrase is wrong.' });
  });

  test('is not made for a passphrase under eight characters', async () => {
    expect(await createApprover('ada', 'seven77')).toEqual({
      ok: false,
      error: 'A passphrase has at least 8 characters.',
    });
    expect((await createApprover('ada', '\u{1f511}'.repeat(4))).ok).toBe(false);
    expect((await createApprover('ada', 'eight888')).ok).toBe(true);
  });

  test.each(['', '.', '../ada', 'a/b', 'a\0', '.hidden', 'a'.repeat(65)])('is not made for %j', async (name) => {
    const made = await createApprover(name, PASSPHRASE);
    expect(made.ok || made.error).toMatch(/^name: expected letters/);
  });

  test('lies in its file neither open nor under a passphrase hash', async () => {
    const file = await created('ada');
    const opened = await unlocked(file);
    expect(Object.keys(file)).toEqual(
      expect.arrayContaining(['name', 'kid', 'publicKey', 'scrypt', 'salt', 'nonce', 'sealed', 'signature']),
    );
    expect(Object.keys(file)).toHaveLength(8);
    expect(Object.keys(opened)).toEqual(['kid', 'sign']);
  });

  test.each(['salt', 'nonce', 'sealed', 'kid'] as const)('does not open when %s was altered', async (member) => {
    const file = await created('ada');
    expect((await unlock({ ...file, [member]: turned(file[member]) }, PASSPHRASE)).ok).toBe(false);
  });
});

test('a decision of who asks counts for nothing, whoever recorded it', async () => {
  const ada = { issuer: 'https://a.example', subject: 'ada', tenant: 'acme' };
  const made = await createApprover('ada-1', PASSPHRASE, ada);
  const book = loadApprovers(folder);
  if (!made.ok || !book.add(made.value).ok) throw new Error('not enrolled');
  const decision = decide(await unlocked(made.value), 'ada-1');
  const asker = { ...agentOf('eve'), issuer: ada.issuer, subject: 'eve', client: 'desk' };
  const by = (principal: object) => book.verify(INSTANCE, { ...HOLD, principal: { ...asker, ...principal } }, decision);
  expect([by({}), by({ subject: 'ada' }), by({ actors: ['https://a.example:ada'] }), by({ client: 'ada' })]).toEqual([
    ...[true, false, false, false],
  ]);
  expect(loadApprovers(folder).keyOf(ada)?.kid).toBe(made.value.kid);
  expect(loadApprovers(folder).keyOf({ ...ada, tenant: 'zeta' })).toBeUndefined();
  expect(loadApprovers(folder).keyOf({ issuer: 'local', subject: 'ada-1', tenant: 'local' })).toBeUndefined();
});

test('the first to be enrolled over the socket is nobody of an issuer', async () => {
  const made = await createApprover('ada-1', PASSPHRASE, {
    issuer: 'https://a.example',
    subject: 'ada',
    tenant: 'acme',
  });
  expect(loadApprovers(folder).enrol(made.ok ? made.value : undefined).ok).toBe(false);
});

describe('a decision', () => {
  let signer: Signer;
  let book: ApproverBook;
  beforeEach(async () => {
    const [ada, bob] = [await created('ada'), await created('bob')];
    put(ada, 'ada');
    put(bob, 'bob');
    signer = await unlocked(ada);
    book = loadApprovers(folder);
  });

  test('signed by an enrolled person counts', () => {
    expect(book.verify(INSTANCE, HOLD, decide(signer, 'ada'))).toBe(true);
  });

  test("under another person's name does not count", () => {
    expect(book.verify(INSTANCE, HOLD, decide(signer, 'bob'))).toBe(false);
    expect(book.verify(INSTANCE, HOLD, decide(signer, 'eve'))).toBe(false);
  });

  test("with another enrolled person's name and key id does not count", () => {
    const bob = book.find('bob');
    expect(book.verify(INSTANCE, HOLD, decide({ ...signer, kid: bob?.kid ?? '' }, 'bob'))).toBe(false);
  });

  test('signed with the right key under another key id does not count', () => {
    expect(book.verify(INSTANCE, HOLD, decide({ ...signer, kid: 'sha256:0' }, 'ada'))).toBe(false);
  });

  test('given for another ledger does not count', () => {
    expect(book.verify(INSTANCE, HOLD, decide(signer, 'ada', 'ledger-2'))).toBe(false);
    expect(book.verify('ledger-2', HOLD, decide(signer, 'ada'))).toBe(false);
  });

  test.each([
    ['another hold', { ...HOLD, id: 'h_2' }],
    ['another binding', { ...HOLD, binding: 'sha256:c' }],
  ])('replayed on %s does not count', (_, hold) => {
    expect(book.verify(INSTANCE, hold, decide(signer, 'ada'))).toBe(false);
  });

  test.each([
    { verdict: 'deny' } as const,
    { at: 2 },
    { because: 'pre-approved' },
    { nonce: 'm' },
    { proofs: [] },
    { by: 'Ada' },
  ])('changed to %j after signing does not count', (change) => {
    expect(book.verify(INSTANCE, HOLD, { ...decide(signer, 'ada'), ...change })).toBe(false);
  });

  test('whose signature is damaged, empty or spelled another way does not count', () => {
    const decision = decide(signer, 'ada');
    const signature = decision.proofs[0]?.signature ?? '';
    for (const other of [turned(signature), '', 'x', `${signature}==`, `${signature}\n`, signature.slice(0, -2)]) {
      expect(book.verify(INSTANCE, HOLD, proven(decision, { signature: other }))).toBe(false);
    }
  });

  test('of a key that nobody enrolled does not count', async () => {
    const stranger = await unlocked(await created('ada'));
    expect(book.verify(INSTANCE, HOLD, decide(stranger, 'ada'))).toBe(false);
  });
});

describe('the book', () => {
  test('of an empty folder knows nobody', () => {
    expect(loadApprovers(join(folder, 'new')).find('ada')).toBeUndefined();
    expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700);
  });

  test('enrols the first person while it is in use, and keeps the file for the next start', async () => {
    const book = loadApprovers(folder);
    const ada = await created('ada');
    const decision = decide(await unlocked(ada), 'ada');
    expect(book.verify(INSTANCE, HOLD, decision)).toBe(false);
    expect(book.enrol(JSON.parse(JSON.stringify(ada)))).toEqual({ ok: true, value: ada });
    expect(book.verify(INSTANCE, HOLD, decision)).toBe(true);
    expect(statSync(join(folder, 'ada.json')).mode & 0o777).toBe(0o600);
    expect(loadApprovers(folder).find('ada')).toEqual(ada);
    expect(loadApprovers(folder).verify(INSTANCE, HOLD, decision)).toBe(true);
  });

  test.each(['ada', 'eve'])('enrols nobody by first passphrase once somebody is enrolled: %s', async (name) => {
    const book = loadApprovers(folder);
    const ada = await created('ada');
    book.enrol(ada);
    const second = await created(name);
    expect(book.enrol(second)).toEqual({ ok: false, error: 'Somebody is enrolled already.' });
    expect(book.find(name)).toEqual(name === 'ada' ? ada : undefined);
    expect(readFileSync(join(folder, 'ada.json'), 'utf8')).toContain(ada.kid);
  });

  test('enrols nobody where another process enrolled somebody meanwhile', async () => {
    const book = loadApprovers(folder);
    loadApprovers(folder).enrol(await created('ada'));
    expect(book.enrol(await created('eve')).ok).toBe(false);
  });

  test('enrols no file that is not whole', async () => {
    const book = loadApprovers(folder);
    const ada = await created('ada');
    for (const file of [undefined, null, 'ada', {}, { ...ada, name: 'eve' }, { ...ada, more: 1 }]) {
      expect(book.enrol(file).ok).toBe(false);
    }
    expect(book.find('ada') ?? book.find('eve')).toBeUndefined();
  });

  test.each(['name', 'kid', 'publicKey', 'salt', 'nonce', 'sealed', 'signature'] as const)(
    'does not load where %s was altered',
    async (member) => {
      const ada = await created('ada');
      put({ ...ada, [member]: member === 'name' ? 'eve' : turned(ada[member]) }, member === 'name' ? 'eve' : 'ada');
      expect(faultOf()).toMatch(/is broken: (it was altered|the kid is not)/);
    },
  );

  test("does not load where somebody signed a file that claims another's key id", async () => {
    const [ada, bob] = [await created('ada'), await created('bob')];
    const { signature: _, ...claimed } = { ...ada, kid: bob.kid };
    const signature = (await unlocked(ada)).sign(digestOf({ purpose: 'tollgate approver file 1', ...claimed }));
    put({ ...claimed, signature }, 'ada');
    expect(faultOf()).toBe('~/ada.json is broken: the kid is not that of the public key.');
  });

  test('does not load where a cheaper scrypt was written in', async () => {
    put({ ...(await created('ada')), scrypt: { N: 2, r: 8, p: 1 } }, 'ada');
    expect(faultOf()).toMatch(/^~\/ada\.json is broken: scrypt\.N: /);
  });

  test("does not load one person's file under another's name", async () => {
    put(await created('ada'), 'eve');
    expect(faultOf()).toBe('~/eve.json is broken: it is the file of ada.');
  });

  test('does not load a file that is cut off, in one clear error', async () => {
    writeFileSync(join(folder, 'ada.json'), JSON.stringify(await created('ada')).slice(0, 100), { mode: 0o600 });
    expect(faultOf()).toMatch(/^~\/ada\.json is broken: .+\.$/);
  });

  test('does not load a file that others can write', async () => {
    put(await created('ada'), 'ada');
    chmodSync(join(folder, 'ada.json'), 0o622);
    expect(faultOf()).toContain("Run: chmod 600 '~/ada.json'");
  });

  test('passes over the draft that a writer left when it died', async () => {
    writeFileSync(join(folder, '.ada.json.0123'), '{', { mode: 0o600 });
    expect(loadApprovers(folder).enrol(await created('ada')).ok).toBe(true);
  });
});
