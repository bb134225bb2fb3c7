/** The claims of a token that decide who is let in, and nothing else of it. Pure. */

/** The names of the claims that the profiles in force name. Another object where they are others, and only then. */
export type ClaimsNamed = () => ReadonlySet<string>;

/** A text is a list of one. Whatever is neither a text nor a list of texts is not there, so that it lets nobody in. */
export function namedClaims(
  payload: Readonly<Record<string, unknown>>,
  names: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const name of names) {
    const values = [payload[name] ?? []].flat();
    if (values.length > 0 && values.every((one) => typeof one === 'string')) found.set(name, values);
  }
  return found;
}
