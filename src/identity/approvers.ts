/**
 * The people who may answer holds, and their signing keys: one file a person, `NAME.json`, mode 0600. The private key (Ed25519) is
 * sealed with AES-256-GCM under scrypt of the person's passphrase, so Tollgate by itself can check answers but not give one.
 *
 * A file signs itself: with any of it altered it is broken, whoever's name it bears. What is not defended is a whole file
 * put in place by code that runs as Tollgate's own user; a running gateway does not look at the folder again.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scrypt,
  sign,
  verify,
} from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { type Accepted, acceptanceText, textsDigest } from '../domain/acceptance.ts';
import { type Finding, findingText, type UnknownCall } from '../domain/finding.ts';
import { type Decision, decisionText } from '../domain/hold.ts';
import { digestOf, sha256 } from '../domain/json.ts';
import { isAsker, type Known } from '../domain/person.ts';
import type { Approvers } from '../domain/ports.ts';
import { LOCAL } from '../domain/principal.ts';
import { isEnough, type PassphraseProof, type Proof } from '../domain/proof.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import { type Terms, USUAL_TERMS } from '../domain/terms.ts';
import { createPrivate, KeyFault, privateFolder, readPrivate } from './keys.ts';
import { PasskeyBook } from './passkeys/passkey-book.ts';

/** In characters. */
const SHORTEST_PASSPHRASE = 8;

const KEY_BYTES = 32;
const TAG_BYTES = 16;
/** 128 * N * r is what scrypt fills: 32 MiB. Node counts a little more. */
const MEMORY = 64 * 1024 * 1024;

const bytes = (length: number) =>
  z.base64url().refine((text) => isExactly(text, length), `expected ${length} bytes as base64url`);

const known = z.string().min(1);

const approverFile = z.strictObject({
  /** Also the file's name, so nothing that means something to a path. */
  name: z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/, 'expected letters, digits and . _ @ -, at most 64'),
  /** SHA-256 of the public key. */
  kid: z.string(),
  /** Whose it is, where that is somebody who signs in at an issuer; unsaid: the user of this machine of that name. */
  of: z.strictObject({ issuer: known, subject: known, tenant: known }).optional(),
  /** Ed25519, the 32 raw bytes. */
  publicKey: bytes(KEY_BYTES),
  scrypt: z.strictObject({ N: z.literal(2 ** 15), r: z.literal(8), p: z.literal(1) }),
  salt: bytes(16),
  nonce: bytes(12),
  /** The 32 raw bytes of the private key, encrypted, and the tag. */
  sealed: bytes(KEY_BYTES + TAG_BYTES),
  /** By the key itself over all of the above. */
  signature: bytes(64),
});

export type ApproverFile = Readonly<z.infer<typeof approverFile>>;

/** A person's key while it is open. Keep it no longer than one answer takes. */
export interface Signer {
  readonly kid: string;
  /** Ed25519 over the text's UTF-8 bytes, base64url. */
  sign(text: string): string;
}

/** What a word of before is worth now. `unknown`: what proves it is not here, or no more. */
export type Worth = 'good' | 'altered' | 'unknown';

export interface ApproverBook extends Approvers {
  readonly passkeys: PasskeyBook;
  /** Of a word that was recorded, whoever asked and whatever was removed since: what `by` proved was this text. */
  witness(by: string, proofs: readonly Proof[], text: string): Worth;
  find(name: string): ApproverFile | undefined;
  /** The key of this person, who need not bear the file's name. */
  keyOf(known: Known): ApproverFile | undefined;
  list(): readonly ApproverFile[];
  /** True when the proof of what is accepted carries a valid signature of an enrolled key; false where there is none. */
  attests(instance: string, accepted: Pick<Accepted, 'profile' | 'texts' | 'proof'>): boolean;
  /** True when a finding carries a valid signature of an enrolled key of somebody who did not ask for the call. */
  foundOut(instance: string, call: UnknownCall, finding: Finding): boolean;
  /**
   * Adds the first person, from what a stranger sent, and writes the file. Refuses with a sentence what is no sound file,
   * and anybody when somebody is enrolled. Throws `KeyFault` when the folder cannot be written.
   */
  enrol(file: unknown): Result<ApproverFile, string>;
  /** Adds another person, whom somebody enrolled stands for: whoever calls has judged that. Throws and refuses likewise. */
  add(file: ApproverFile): Result<ApproverFile, string>;
}

/** A new key for a person, sealed under `passphrase`. Refuses, with a sentence, a short passphrase or an unfit name. */
export async function createApprover(
  name: string,
  passphrase: string,
  of?: Known,
): Promise<Result<ApproverFile, string>> {
  if ([...passphrase.normalize('NFKC')].length < SHORTEST_PASSPHRASE) {
    return refuse(`A passphrase has at least ${SHORTEST_PASSPHRASE} characters.`);
  }
  const pair = generateKeyPairSync('ed25519');
  const publicKey = pair.publicKey.export({ format: 'jwk' }).x ?? '';
  const secret = Buffer.from(pair.privateKey.export({ format: 'jwk' }).d ?? '', 'base64url');
  const salt = randomBytes(16).toString('base64url');
  const nonce = randomBytes(12).toString('base64url');
  const cost = { N: 2 ** 15, r: 8, p: 1 } as const;
  const whose = of === undefined ? {} : { of: { issuer: of.issuer, subject: of.subject, tenant: of.tenant } };
  const person = { name, kid: sha256(publicKey), ...whose, publicKey, scrypt: cost, salt, nonce };

  const cipher = createCipheriv('aes-256-gcm', await stretch(passphrase, person), Buffer.from(nonce, 'base64url'));
  cipher.setAAD(Buffer.from(person.kid));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]).toString('base64url');
  const signature = sign(null, Buffer.from(fileText({ ...person, sealed })), pair.privateKey).toString('base64url');
  return judge({ ...person, sealed, signature });
}

/** Opens a person's key. Takes about a tenth of a second, on purpose, off the main thread. */
export async function unlock(file: ApproverFile, passphrase: string): Promise<Result<Signer, string>> {
  const key = await stretch(passphrase, file);
  const sealed = Buffer.from(file.sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.nonce, 'base64url'), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(file.kid));
  decipher.setAuthTag(sealed.subarray(KEY_BYTES));
  const secret = decipher.update(sealed.subarray(0, KEY_BYTES));
  try {
    decipher.final();
  } catch {
    return refuse('The passphrase is wrong.');
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: file.publicKey, d: secret.toString('base64url') };
  const privateKey = createPrivateKey({ format: 'jwk', key: jwk });
  return ok({ kid: file.kid, sign: (text) => sign(null, Buffer.from(text), privateKey).toString('base64url') });
}

/** The people enrolled in `folder`, read once. Throws `KeyFault` at the first file that is broken or not ours alone. */
export function loadApprovers(folder: string): ApproverBook {
  privateFolder(folder);
  const people = new Map<string, Enrolled>();
  const keep = (file: ApproverFile): void => void people.set(file.name, { file, key: keyOf(file) });
  for (const entry of enrolledIn(folder)) keep(readApprover(folder, entry));
  const files = (): readonly ApproverFile[] => [...people.values()].map(({ file }) => file);
  const add = (file: ApproverFile): Result<ApproverFile, string> => {
    const text = `${JSON.stringify(file, null, 2)}\n`;
    if (!createPrivate(folder, `${file.name}.json`, Buffer.from(text))) return refuse('Somebody is enrolled already.');
    keep(file);
    return ok(file);
  };

  const hasSigned = ({ by, kid, signature }: Signed, text: string): boolean => {
    const person = people.get(by);
    return person !== undefined && person.file.kid === kid && isSigned(text, signature, person.key);
  };

  /** Each proof that is given must be good. */
  const hasProven = ({ by, proofs }: Pick<Decision, 'by' | 'proofs'>, text: string): boolean =>
    proofs.every((proof) =>
      proof.kind === 'passphrase' ? hasSigned({ by, ...proof }, text) : passkeys.hasProven(by, proof, text),
    );
  const passkeys = new PasskeyBook(folder, (by, proof, text) => hasSigned({ by, ...proof }, text));

  return {
    passkeys,
    witness: (by, proofs, text) =>
      worst(
        proofs.map((proof) => {
          if (proof.kind === 'passkey') return told(passkeys.hadProven(by, proof, text));
          const isTheirs = people.get(by)?.file.kid === proof.kid;
          return told(isTheirs ? hasSigned({ by, ...proof }, text) : undefined);
        }),
      ),
    verify: (instance, hold, decision) => {
      const by = people.get(decision.by)?.file;
      if (by === undefined || isAsker(knownOf(by), hold.principal, hold.terms)) return false;
      return meets(hold.terms, decision) && hasProven(decision, decisionText(instance, hold, decision));
    },
    foundOut: (instance, call, finding) => {
      const by = people.get(finding.by)?.file;
      if (by === undefined || isAsker(knownOf(by), call.principal, USUAL_TERMS)) return false;
      return hasSigned(finding, findingText(instance, call, finding));
    },
    attests: (instance, { profile, texts, proof }) =>
      proof !== undefined && hasSigned(proof, acceptanceText(instance, { profile, digest: textsDigest(texts) }, proof)),
    personOf: (by) => {
      const file = people.get(by)?.file;
      return file && knownOf(file);
    },
    find: (name) => people.get(name)?.file,
    keyOf: (known) =>
      files().find((file) => {
        const { issuer, subject, tenant } = knownOf(file);
        return issuer === known.issuer && subject === known.subject && tenant === known.tenant;
      }),
    list: files,
    add,
    enrol(offered) {
      const judged = judge(offered);
      if (!judged.ok) return judged;
      if (people.size > 0 || enrolledIn(folder).length > 0) return refuse('Somebody is enrolled already.');
      if (judged.value.of !== undefined) return refuse('The first to be enrolled is the user of this machine.');
      return add(judged.value);
    },
  };
}

/** One good proof denies; an approval takes what its terms ask for. */
const meets = ({ proof }: Terms, { verdict, proofs }: Decision): boolean =>
  isEnough(
    verdict === 'approve' ? proof : 'any',
    proofs.map(({ kind }) => kind),
  );

const told = (isGood: boolean | undefined): Worth => (isGood === undefined ? 'unknown' : isGood ? 'good' : 'altered');

/** Without a proof there is nothing to judge. */
const worst = (all: readonly Worth[]): Worth =>
  (['altered', 'unknown'] as const).find((one) => all.includes(one)) ?? (all.length === 0 ? 'unknown' : 'good');

/** Whose a file is. */
export const knownOf = ({ name, of }: ApproverFile): Known => of ?? { issuer: LOCAL, subject: name, tenant: LOCAL };

type Signed = Pick<Decision, 'by'> & Pick<PassphraseProof, 'kid' | 'signature'>;

interface Enrolled {
  readonly file: ApproverFile;
  readonly key: KeyObject;
}

const enrolledIn = (folder: string): readonly string[] =>
  readdirSync(folder).filter((entry) => entry.endsWith('.json'));

function readApprover(folder: string, entry: string): ApproverFile {
  const path = join(folder, entry);
  const judged = judge(parsed(readPrivate(path)?.toString() ?? ''));
  if (!judged.ok) throw new KeyFault(`${path} is broken: ${judged.error}`);
  if (`${judged.value.name}.json` !== entry) {
    throw new KeyFault(`${path} is broken: it is the file of ${judged.value.name}.`);
  }
  return judged.value;
}

/** Parses a file and judges that it is whole: refuses with what is wrong, as a sentence. */
function judge(value: unknown): Result<ApproverFile, string> {
  const shape = approverFile.safeParse(value);
  if (!shape.success) {
    const [issue] = shape.error.issues;
    const where = issue?.path.join('.') ?? '';
    return refuse(`${where === '' ? '' : `${where}: `}${issue?.message ?? 'not an approver file'}.`);
  }
  const file = shape.data;
  if (file.kid !== sha256(file.publicKey)) return refuse('the kid is not that of the public key.');
  if (!isSigned(fileText(file), file.signature, keyOf(file))) return refuse('it was altered after it was made.');
  return ok(file);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the key signs of its own file. */
const fileText = ({ name, kid, of, publicKey, scrypt, salt, nonce, sealed }: Omit<ApproverFile, 'signature'>): string =>
  digestOf({
    purpose: 'tollgate approver file 1',
    ...{ name, kid, publicKey, scrypt, salt, nonce, sealed },
    ...(of === undefined ? {} : { of }),
  });

const keyOf = (file: Pick<ApproverFile, 'publicKey'>): KeyObject =>
  createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: file.publicKey } });

/** One signature has one spelling: base64url that decodes leniently to the same bytes is refused. */
const isSigned = (text: string, signature: string, key: KeyObject): boolean =>
  isExactly(signature, 64) && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));

function isExactly(text: string, length: number): boolean {
  const decoded = Buffer.from(text, 'base64url');
  return decoded.length === length && decoded.toString('base64url') === text;
}

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** NFKC, so that one passphrase typed on two keyboards is one passphrase. */
const stretch = (passphrase: string, { scrypt: cost, salt }: Pick<ApproverFile, 'scrypt' | 'salt'>): Promise<Buffer> =>
  derive(passphrase.normalize('NFKC'), Buffer.from(salt, 'base64url'), KEY_BYTES, { ...cost, maxmem: MEMORY });
