import { randomBytes } from 'node:crypto';
import { type Decision, decisionText, type Hold } from '../domain/hold.ts';
import type { Signer } from './approvers.ts';

export interface Unsigned extends Pick<Decision, 'verdict' | 'by' | 'at' | 'because'> {
  readonly extend: Decision['extend'];
  readonly groups: Decision['groups'];
}

/** A person's answer to this hold in the ledger `instance`, signed by that person's open key. */
export function signedDecision(signer: Signer, instance: string, hold: Hold, answer: Unsigned): Decision {
  const { extend, groups, ...rest } = answer;
  const unsigned = {
    ...rest,
    ...(extend === undefined ? {} : { extend }),
    ...(groups === undefined ? {} : { groups }),
    nonce: randomBytes(16).toString('base64url'),
  };
  const signature = signer.sign(decisionText(instance, hold, unsigned));
  return { ...unsigned, proofs: [{ kind: 'passphrase', kid: signer.kid, signature }] };
}
