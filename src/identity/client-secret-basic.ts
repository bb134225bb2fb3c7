import type { ClientAuth } from 'openid-client';

/** As `application/x-www-form-urlencoded` writes it: `-`, `_`, `.` and `*` stand for themselves. */
const encoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

/**
 * A client's secret in the header (RFC 6749, section 2.3.1). The library's own codes more characters than it must, which
 * servers that decode nothing do not know again.
 */
export const clientSecretBasic =
  (secret: string): ClientAuth =>
  (_server, client, _body, headers) => {
    const credentials = `${encoded(client.client_id)}:${encoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  };
