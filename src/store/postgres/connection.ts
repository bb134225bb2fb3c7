/** How a connection to the database is made, and what it is called before people. */

/** Seconds. */
const CONNECT_WITHIN = 10;

export const connectionOptions = {
  connect_timeout: CONNECT_WITHIN,
  onnotice: () => undefined,
  connection: { application_name: 'tollgate' },
  types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
};

/** Host and database, without user and password. */
export function nameOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'postgres://' : `postgres://${parsed.host}${parsed.pathname}`;
}
