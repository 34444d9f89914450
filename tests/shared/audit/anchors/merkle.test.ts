import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { merkleRoot } from "../../../../shared/audit/anchors/merkle.ts";

const bytes = (hex: string) => Buffer.from(hex, "hex");
const sha256 = (...parts: readonly Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

describe("19.3 the Merkle tree hash (RFC 9162, section 2.1.1)", () => {
  // Those of Certificate Transparency's own tests (google/certificate-transparency, merkletree; RFC 6962 has the same hash).
  const leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  test.each([
    [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
    [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    [3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
    [4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
    [5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
    [6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
    [7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
    [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
  ])("of %i published leaves is the published one", (count, root) => {
    expect(merkleRoot(leaves.slice(0, count).map(bytes)).toString("hex")).toBe(root);
  });

  test("of any number is what the RFC's own recursion gives", () => {
    const recursive = (list: readonly Buffer[]): Buffer => {
      if (list.length < 2) return list[0] ? sha256(bytes("00"), list[0]) : sha256();
      let half = 1;
      while (2 * half < list.length) half *= 2;
      return sha256(bytes("01"), recursive(list.slice(0, half)), recursive(list.slice(half)));
    };
    const all = Array.from({ length: 70 }, (_, place) => Buffer.from(`leaf ${place}`));
    for (const [count] of all.entries())
      expect(merkleRoot(all.slice(0, count)), String(count)).toEqual(recursive(all.slice(0, count)));
  });
});
