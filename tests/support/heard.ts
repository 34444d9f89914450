import { vi } from "vitest";

/** What was logged under a name while something ran. */
export async function heard<T>(
  event: string,
  run: () => Promise<T>,
): Promise<{ readonly result: T; readonly told: readonly Record<string, unknown>[] }> {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    const result = await run();
    const lines = write.mock.calls.map(([line]) => String(line)).filter((line) => line.startsWith("{"));
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    return { result, told: told.filter((line) => line["event"] === event) };
  } finally {
    write.mockRestore();
  }
}
