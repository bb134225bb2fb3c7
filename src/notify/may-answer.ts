/** Whether whoever uses a browser may answer what waits: by its person's roles and groups as they were when it last came by. */
import { notApprover } from '../domain/agreement.ts';
import type { Awaiting } from '../domain/notification.ts';
import { asksItself } from '../domain/person.ts';
import type { PushSubscription } from '../domain/push.ts';
import { type ClientOwners, mayBy, type RoleEntry, rolesOf } from '../domain/role.ts';

/** What the deployment's file says of people. */
export interface Assigned {
  readonly roles: readonly RoleEntry[];
  readonly owners: readonly ClientOwners[];
}

export function mayAnswer(
  { principal: asker, rights, terms }: Awaiting,
  { person, groups }: Pick<PushSubscription, 'person' | 'groups'>,
  { roles, owners }: Assigned,
): boolean {
  if (asker.issuer !== person.issuer || asker.tenant !== person.tenant) return false;
  // Nobody who acts for somebody else could subscribe.
  const caller = { principal: { ...person, actors: [] }, groups };
  const had = rolesOf(roles, caller);
  return (
    rights.every((right) => mayBy(had, right)) &&
    !asksItself(caller, { principal: asker, terms }, owners) &&
    notApprover({ terms }, { known: person, groups }) === undefined
  );
}
