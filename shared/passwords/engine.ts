/** Cost of Argon2id (RFC 9106), as in OWASP's Password Storage Cheat Sheet. */
export interface Argon2Parameters {
  readonly memoryKib: number;
  readonly iterations: number;
  readonly parallelism: number;
}

/** An implementation of Argon2id. Hashes are PHC strings, which every engine can verify. */
export interface PasswordEngine {
  readonly name: "argon2" | "@node-rs/argon2";
  hash(password: string, parameters: Argon2Parameters): Promise<string>;
  /** Whether `phc` is a hash of `password`. @throws Error if `phc` is not an Argon2 PHC string */
  verify(phc: string, password: string): Promise<boolean>;
}

/**
 * Loads the fastest engine that works on this machine: `@node-rs/argon2` if its binary is installed, otherwise
 * `argon2`.
 */
export async function loadPasswordEngine(): Promise<PasswordEngine> {
  const fast = await nodeRsEngine().catch(() => undefined);
  return fast ?? referenceEngine();
}

/** A hash of a known password, made by the reference implementation: an engine must agree with it before it is used. */
const knownAnswer = {
  password: "correct horse\u0000battery é",
  phc: "$argon2id$v=19$m=1024,p=1,t=1$bGF0Y2hrZXkgc2VsZnRlc3Q$ihrTc7TB82/6UCmn1Xit/AaXq09tysE2vJXldPuZrOw",
};

/** The optional engine. @throws Error if it is not installed, does not load or fails the self-test */
export async function nodeRsEngine(): Promise<PasswordEngine> {
  const { hash, verify } = await import("@node-rs/argon2");
  const engine: PasswordEngine = {
    name: "@node-rs/argon2",
    hash: (password, parameters) =>
      hash(password, {
        memoryCost: parameters.memoryKib,
        timeCost: parameters.iterations,
        parallelism: parameters.parallelism,
      }),
    verify: (phc, password) => verify(phc, password),
  };
  const agrees = await engine.verify(knownAnswer.phc, knownAnswer.password);
  const discerns = !(await engine.verify(knownAnswer.phc, `${knownAnswer.password}!`));
  if (!agrees || !discerns) throw new Error("@node-rs/argon2 failed its self-test");
  return engine;
}

/** The engine that is always installed. */
export async function referenceEngine(): Promise<PasswordEngine> {
  const { default: argon2 } = await import("argon2");
  return {
    name: "argon2",
    hash: (password, parameters) =>
      argon2.hash(password, {
        type: argon2.argon2id,
        memoryCost: parameters.memoryKib,
        timeCost: parameters.iterations,
        parallelism: parameters.parallelism,
      }),
    verify: (phc, password) => argon2.verify(phc, password),
  };
}
