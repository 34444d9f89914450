import type { IncomingMessage } from "node:http";

/** How long a client may take. */
export interface TimeLimits {
  /** For the head of a request. */
  readonly headMs: number;
  /** For a body that comes slowly, before its rate counts; and for the rest of one that nobody reads, after the answer. */
  readonly graceMs: number;
  /** What of a body must come on average from then on. */
  readonly bytesPerSecond: number;
  /** How often that is looked at. */
  readonly checkMs: number;
}

/** Those of Kestrel, the server of Azure's host (`KestrelServerLimits`: `RequestHeadersTimeout`, `MinRequestBodyDataRate`). */
export const KESTREL_LIMITS: TimeLimits = { headMs: 30_000, graceMs: 5_000, bytesPerSecond: 240, checkMs: 1_000 };

/** Whether so many bytes of a body are too few for the time that has passed. */
export function isTooSlow(bytes: number, elapsedMs: number, { graceMs, bytesPerSecond }: TimeLimits): boolean {
  return elapsedMs > graceMs && (bytes * 1000) / elapsedMs < bytesPerSecond;
}

/** After an answer: ends the connection of a client that does not send the rest of the body that it has announced. */
export function awaitRest(request: IncomingMessage, { graceMs }: TimeLimits): void {
  if (request.complete) return;
  const impatience = setTimeout(() => request.socket.destroy(), graceMs);
  const calm = () => clearTimeout(impatience);
  request.once("end", calm).once("close", calm);
  request.socket.once("close", calm);
}
