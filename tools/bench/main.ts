// npm run bench: compares the service with a bare server on the same machine in the same run. On shared machines only
// the ratios within a round mean something, whose figures are taken one after another. BENCH_SECONDS (2) and
// BENCH_ROUNDS (7) set how long it takes; BENCH_ONLY selects measurements: those whose names contain one of its words,
// separated by commas.
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import path from "node:path";
import { build } from "../build.ts";
import { describeGoals, show, type Results } from "./goals.ts";
import { makeImportFloor } from "./import-floor.ts";
import { startBench, type Figures, type Measurement } from "./measurements.ts";
import { median } from "./statistics.ts";

const seconds = Number(process.env["BENCH_SECONDS"] ?? 2);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 7);
const only = process.env["BENCH_ONLY"]?.split(",") ?? [""];

const load = () => `load average ${(loadavg()[0] ?? 0).toFixed(1)}`;

/** Takes each measurement once per round. */
async function measureAll(measurements: Readonly<Record<string, Measurement>>): Promise<Results> {
  const chosen = Object.entries(measurements).filter(([name]) => only.some((word) => name.includes(word)));
  const results = new Map(chosen.map(([name]): [string, Figures[]] => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    console.log(`round ${round} of ${rounds}, ${load()}`);
    for (const [name, measure] of chosen) results.get(name)?.push(await measure());
  }
  return results;
}

function report(results: Results): void {
  console.log(
    `\nNode ${process.version}, ${cpus().length} cores, ${load()}; medians of ${rounds} rounds of ${seconds} s`,
  );
  const line = (cells: readonly string[]) => cells.map((cell, place) => cell.padEnd(place === 0 ? 30 : 11)).join("");
  console.log(line(["", "per second", "p50, ms", "p99, ms", "CPU, ms"]));
  for (const [name, list] of results) {
    const middle = (kind: keyof Figures) => {
      const figures = list.map((figuresOfRound) => figuresOfRound[kind]).filter((figure) => figure !== undefined);
      return figures.length === 0 ? "" : show(median(figures));
    };
    console.log(line([name, middle("perSecond"), middle("p50"), middle("p99"), middle("cpu")]));
  }
  console.log(`\n${describeGoals(results).join("\n")}`);
}

await build({ root: process.cwd() });
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
try {
  const { measurements, stop } = await startBench({ seconds, folder, floor: await makeImportFloor(folder) });
  report(await measureAll(measurements));
  await stop();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
