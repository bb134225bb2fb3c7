/** Which policies were accepted, and by whom. */
import { textsDigest } from '../domain/acceptance.ts';
import { GATEWAY_CHAIN } from '../domain/journal.ts';
import { sha256 } from '../domain/json.ts';
import { ok, type Result, refuse } from '../domain/result.ts';
import type { Accepting } from './operations.ts';
import { type Store, write } from './store.ts';

export async function accept(store: Store, { accepted, widenings }: Accepting): Promise<Result<void, string>> {
  const { profile, texts, proof, at } = accepted;
  if (proof === undefined && store.role !== 'owner') return refuse('A policy is accepted with a proof.');
  if (proof !== undefined && (await store.acceptances.isUsed(proof.nonce)))
    return refuse('This proof was used before.');
  await store.acceptances.add(accepted);
  await write(store, GATEWAY_CHAIN, 'accepted', undefined, at, {
    profile,
    digest: textsDigest(texts),
    files: texts.files.map(({ file, text }) => ({ file, digest: sha256(text) })),
    lock: texts.lock === undefined ? null : { file: texts.lock.file, digest: sha256(texts.lock.text) },
    ...proof,
    widenings,
  });
  return ok(undefined);
}
