import { randomBytes } from 'node:crypto';
import { type Finding, findingText, type UnknownCall } from '../domain/finding.ts';
import type { Signer } from './approvers.ts';

/** What a person found out about this call in the ledger `instance`, signed by that person's open key. */
export function signedFinding(
  signer: Signer,
  instance: string,
  call: UnknownCall,
  found: Pick<Finding, 'outcome' | 'by' | 'at' | 'why'>,
): Finding {
  const unsigned = { ...found, nonce: randomBytes(16).toString('base64url'), kid: signer.kid };
  return { ...unsigned, signature: signer.sign(findingText(instance, call, unsigned)) };
}
