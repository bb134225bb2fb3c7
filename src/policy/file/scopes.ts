import { z } from 'zod';

/** RFC 6749, section 3.3: no blank, no quotation mark, no backslash. They are listed in a header, so they are not long. */
const scope = z
  .string()
  .regex(
    /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/,
    'expected a scope: at most 128 printable characters without blanks, " and \\',
  );

/** What the caller's token must be for. */
export const scopes = z
  .array(scope)
  .min(1)
  .max(16, 'expected at most 16 scopes')
  .superRefine((all, context) => {
    for (const [at, one] of all.entries()) {
      if (all.indexOf(one) < at)
        context.addIssue({ code: 'custom', path: [at], message: `the scope "${one}" is listed twice` });
      if (one === 'offline_access')
        context.addIssue({ code: 'custom', path: [at], message: 'offline_access is between a client and its issuer' });
    }
  });
