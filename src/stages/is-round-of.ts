import type { Approved } from '../domain/call.ts';
import { isSamePrincipal } from '../domain/principal.ts';

type Fitting = Pick<Approved, 'operation' | 'contract' | 'digest' | 'session' | 'principal'>;

/** Whether this is a round of the very call that is open: principal, session, target and arguments. */
export const isRoundOf = ({ operation, contract, digest, session, principal }: Fitting, call: Approved): boolean =>
  call.operation === operation &&
  call.session.lineage === session.lineage &&
  isSamePrincipal(call.principal, principal) &&
  call.contract.server === contract.server &&
  call.contract.name === contract.name &&
  call.digest === digest;
