import type { Probe } from "../support/lint-house.ts";

/** What a rule of the house refuses, and what it says. */
export const offences: readonly (readonly [what: string, file: string, text: string, complaint: string])[] = [
  [
    "a concept that imports another",
    "shared/zz-probe/a.ts",
    'import "../sessions/rotation.ts";',
    "concept may not import concept",
  ],
  [
    "a concept that imports only a type of another",
    "shared/zz-probe/a.ts",
    'import type { Principal } from "../sessions/session-queries.ts";\nexport type P = Principal;',
    "concept may not import concept",
  ],
  [
    "a concept that hands on a type of another",
    "shared/zz-probe/a.ts",
    'export type { Principal } from "../sessions/session-queries.ts";',
    "concept may not import concept",
  ],
  [
    "a type that is imported within an expression",
    "shared/zz-probe/a.ts",
    'export type P = import("../sessions/session-queries.ts").Principal;',
    "`import()` type annotations are forbidden",
  ],
  [
    "the mechanism that knows the vocabulary",
    "shared/http/zz-probe.ts",
    'import type { SignedInBy } from "../api/session.ts";\nexport type S = SignedInBy;',
    "http may not import api",
  ],
  [
    "flows that know http",
    "shared/flows/zz-probe.ts",
    'import type { Answer } from "../http/answer.ts";\nexport type A = Answer;',
    "flows may not import http",
  ],
  [
    "a concept that imports http",
    "shared/zz-probe/a.ts",
    'import "../http/cookies.ts";',
    "concept may not import http",
  ],
  [
    "a function that knows the services",
    "functions/zz-probe/a.ts",
    'import "../../shared/services.ts";',
    "functions may not import services",
  ],
  [
    "shared code that imports a function",
    "shared/zz-probe/a.ts",
    'import "../../functions/auth/me.ts";',
    "concept may not import functions",
  ],
  ["jose outside tokens", "shared/zz-probe/a.ts", 'import "jose";', '"jose" lives in'],
  ["argon2 outside passwords", "shared/zz-probe/a.ts", 'await import("argon2");', '"argon2" lives in'],
  ["SQLite outside the database folder", "shared/zz-probe/a.ts", 'import "node:sqlite";', '"node:sqlite" lives in'],
  [
    "the Functions library in a function",
    "functions/zz-probe/a.ts",
    'import "@azure/functions";',
    '"@azure/functions" lives in',
  ],
  ["the environment", "shared/zz-probe/a.ts", "export const home = process.env.HOME;", "process.env"],
  ["the time", "shared/zz-probe/a.ts", "export const now = new Date();", "the time comes from the clock"],
  ["any", "shared/zz-probe/a.ts", "export const x: any = 1;", "no-explicit-any"],
  ["a default export", "shared/zz-probe/a.ts", "export default 1;", "no-default-export"],
];

/** Two files that import only types of each other. */
export const circle: Probe = {
  file: "shared/zz-probe/a.ts",
  text: 'import type { B } from "./b.ts";\nexport type A = B;',
  others: { "shared/zz-probe/b.ts": 'import type { A } from "./a.ts";\nexport type B = A;\n' },
};
