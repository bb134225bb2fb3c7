/** Roles: what people may do over the API and on its page, and who has which. Programs are judged by the scopes of their tokens. */
import { LOCAL, type Principal } from './principal.ts';

export const ROLES = ['viewer', 'auditor', 'approver', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who may what, always within the own tenant. */
export const RIGHTS = {
  'see sessions': ROLES,
  'see journals': ['auditor', 'admin'],
  'see holds': ['auditor', 'approver', 'operator', 'admin'],
  'answer holds': ['approver', 'admin'],
  'extend budgets': ['operator', 'admin'],
  'see outcomes': ['auditor', 'operator', 'admin'],
  'settle outcomes': ['operator', 'admin'],
  'see policies': ['auditor', 'operator', 'admin'],
  'accept pins': ['operator', 'admin'],
  'accept policies': ['admin'],
  'change sessions': ['operator', 'admin'],
  'archive sessions': ['admin'],
  'open sessions': ['admin'],
  'enrol approvers': ['approver', 'operator', 'admin'],
  'accept approvers': ['admin'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;
export type Right = keyof typeof RIGHTS;

export const mayBy = (roles: readonly Role[], right: Right): boolean =>
  (RIGHTS[right] as readonly Role[]).some((role) => roles.includes(role));

/** Whom an entry of the deployment's file means: everybody in a group of an issuer, or one subject of it. */
export interface Named {
  readonly kind: 'group' | 'user';
  readonly name: string;
  readonly issuer: string;
}

export interface RoleEntry extends Named {
  readonly role: Role;
}

/** The people who answer for what a client of an issuer asks in its own name. */
export interface ClientOwners {
  readonly client: string;
  readonly issuer: string;
  readonly owners: readonly Named[];
}

export const isNamed = (
  { kind, name, issuer }: Named,
  {
    principal,
    groups,
  }: { readonly principal: Pick<Principal, 'issuer' | 'subject'>; readonly groups: readonly string[] },
): boolean => principal.issuer === issuer && (kind === 'user' ? principal.subject === name : groups.includes(name));

/** The person at this machine has all; nobody who acts for somebody else has any. In the order of `ROLES`. */
export function rolesOf(
  entries: readonly RoleEntry[],
  caller: { readonly principal: Pick<Principal, 'issuer' | 'subject' | 'actors'>; readonly groups: readonly string[] },
): readonly Role[] {
  if (caller.principal.actors.length > 0) return [];
  if (caller.principal.issuer === LOCAL) return ROLES;
  return ROLES.filter((role) => entries.some((entry) => entry.role === role && isNamed(entry, caller)));
}
