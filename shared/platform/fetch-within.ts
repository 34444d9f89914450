/** An answer of another service, with its body read. */
export interface BoundedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer<ArrayBuffer>;
}

/** An answer is longer than it may be. */
export class AnswerTooLong extends Error {
  override readonly name = "AnswerTooLong";
}

/**
 * Calls another service in our name, reads no more than `maxBytes` of its answer, and follows no redirect.
 * @param call.signal ends the call and the reading of its answer
 * @throws AnswerTooLong, or what `fetch` throws, which may quote what was sent
 */
export async function fetchWithin(
  url: string,
  { maxBytes, ...call }: RequestInit & { readonly signal: AbortSignal; readonly maxBytes: number },
): Promise<BoundedAnswer> {
  const requested = new Headers(call.headers);
  requested.set("User-Agent", "Latchkey");
  const { status, headers, body } = await fetch(url, { ...call, headers: requested, redirect: "manual" });
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) throw new AnswerTooLong(`more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return { status, headers, body: Buffer.concat(chunks) };
}
