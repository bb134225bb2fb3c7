/** Whose view a list is: a connection's, or the server's where all see the same. */
export type Reader = object;
