import * as z from "zod";

/** A whole number written in digits. */
export const whole = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);

/** `true` or `false`, which is what it is unless given. */
export const flag = z
  .enum(["true", "false"], { error: "must be true or false" })
  .transform((text) => text === "true")
  .default(false);

/** This machine, as settings and URLs name it. */
export const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);
