import type { IncomingMessage } from "node:http";

/** How long a client may take. */
export interface TimeLimits {
  /** For the head of a request. */
  readonly headMs: number;
  /**
   * How long a body may be slow before its rate counts; also for the rest of a body that nobody reads, after the
   * answer.
   */
  readonly graceMs: number;
  /** The minimum average rate of a body after that. */
  readonly bytesPerSecond: number;
  /** How often to check. */
  readonly checkMs: number;
}

/**
 * The limits of Kestrel, the server in Azure's host (`KestrelServerLimits`: `RequestHeadersTimeout`,
 * `MinRequestBodyDataRate`).
 */
export const KESTREL_LIMITS: TimeLimits = { headMs: 30_000, graceMs: 5_000, bytesPerSecond: 240, checkMs: 1_000 };

/** Whether this many bytes of a body are too few for the elapsed time. */
export function isTooSlow(bytes: number, elapsedMs: number, { graceMs, bytesPerSecond }: TimeLimits): boolean {
  return elapsedMs > graceMs && (bytes * 1000) / elapsedMs < bytesPerSecond;
}

/** After an answer: ends the connection of a client that does not send the rest of the body it announced. */
export function awaitRest(request: IncomingMessage, { graceMs }: TimeLimits): void {
  if (request.complete) return;
  const { socket } = request;
  const impatience = setTimeout(() => socket.destroy(), graceMs);
  const calm = () => {
    clearTimeout(impatience);
    // The connection may carry many more requests.
    socket.off("close", calm);
  };
  request.once("end", calm).once("close", calm);
  socket.once("close", calm);
}
