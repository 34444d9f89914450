import * as z from "zod";

/**
 * The token of a solved captcha. Turnstile's have at most 2,048 characters; hCaptcha documents no limit, and its tokens
 * have been seen with more than 4,000.
 */
export const solvedCaptcha = {
  captcha_token: z
    .string()
    .min(1)
    .max(8192)
    .optional()
    .describe("After `CAPTCHA_REQUIRED`: the token of the solved captcha; ignored otherwise"),
};
