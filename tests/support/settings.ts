export const testSecretKey = "test-only-6f1d0c8e5b7a49d2a3c4e5f60718293a";

/**
 * What every test needs besides a database: cheap hashing, since what is tested is hardly ever the cost, and no estimate of
 * how hard a password is to guess. Nobody is asked about breached passwords, in production's settings either.
 */
export const testSettings = {
  SECRET_KEY: testSecretKey,
  ISSUER: "http://localhost:7071",
  FRONTEND_URL: "http://localhost:3000",
  ARGON2_MEMORY_KIB: "64",
  ARGON2_ITERATIONS: "1",
  PASSWORD_MIN_SCORE: "0",
  BREACHED_PASSWORDS: "off",
  // A test whose subject they are turns them on.
  RATE_LIMITS: "off",
};

/** The mail settings that staging and production ask for. */
export const productionMail = {
  MAIL_PROVIDER: "smtp",
  SMTP_HOST: "mail.example.com",
  MAIL_FROM: "noreply@example.com",
};
