/** What a deployment's file says of the requests that the gateway makes by itself. */
import { z } from 'zod';
import { mapping } from './mapping.ts';

/** `rangeTrouble` says what is wrong with a CIDR range that is to be listed. */
export const outgoingShape = (rangeTrouble: (text: string) => string | undefined) =>
  mapping({
    private: z.array(
      z.string().superRefine((text, context) => {
        const message = rangeTrouble(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      }),
    ),
  });
