/** Tollgate's own resources: what an agent may read back of its session. No server has any of this scheme. */
const OWN = /^\s*tollgate:/i;

/** Whether a URI is in our scheme, however it is spelt: schemes know no case (RFC 3986 3.1), and some readers skip blanks. */
export const isOwnUri = (uri: string): boolean => OWN.test(uri);
