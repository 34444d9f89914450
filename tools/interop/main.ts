// npm run interop: what others wrote, with what we make. Apache with mod_auth_openidc is a resource server for our tokens,
// once with the key set found by discovery, once with introspection; postfix gets our mail; oathtool compares codes; python3-fido2 judges passkeys; and each attack has its minute. Needs Debian's
// packages apache2 and libapache2-mod-auth-openidc, postfix with root's rights, oathtool, python3-fido2, and the attacks' own; says so if
// they are missing.
import { createHmac } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exportSPKI, generateKeyPair, importJWK, SignJWT, type JWK, type JWTHeaderParameters } from "jose";
import { addSeconds, systemClock } from "../../shared/platform/clock.ts";
import { hasApache, startApache, type ProtectedServer } from "./apache.ts";
import { attackWith, attacks } from "./attacks/all.ts";
import { inFolder } from "./in-folder.ts";
import { checkMail } from "./mail.ts";
import { check, outcomes } from "./outcomes.ts";
import { hasPostfix } from "./postfix.ts";
import { checkPasskeys, hasFido2 } from "./passkeys.ts";
import { startInteropService, type InteropService } from "./service.ts";
import { checkTotp, hasOathtool } from "./totp.ts";

/** A part of a JWT, unverified. */
const read = (token: string, part: number): object =>
  JSON.parse(Buffer.from(token.split(".")[part] ?? "", "base64url").toString()) as object;
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Invalid tokens, made from a valid one. */
async function forgeries({ issuer, services }: InteropService, accessToken: string): Promise<Record<string, string>> {
  const [header = "", payload = "", signature = ""] = accessToken.split(".");
  const [head, claims] = [read(accessToken, 0) as JWTHeaderParameters, read(accessToken, 1)];
  const now = services.clock.now();
  const signer = await services.tokens.keys.current(now);
  const thief = await generateKeyPair("RS256");
  const [published] = (await services.tokens.keys.jwks(now)).keys;
  const publicKey = await importJWK(published as JWK, "RS256", { extractable: true });
  const pem = await exportSPKI(publicKey as Parameters<typeof exportSPKI>[0]);
  const input = `${encode({ ...head, alg: "HS256" })}.${payload}`;
  const list = await fetch(`${issuer}/.well-known/token-status/0`);
  const grant = { accountId: "a", sessionId: "s", statusIndex: null, sessionExpiresAt: addSeconds(now, 9e6) };
  return {
    "an empty token": "",
    "an expired token": (await services.tokens.access.issue(grant, addSeconds(now, -7200))).token,
    "a token of a foreign key under our kid": await new SignJWT({ ...claims })
      .setProtectedHeader(head)
      .sign(thief.privateKey),
    "a token with alg none": `${encode({ ...head, alg: "none" })}.${payload}.`,
    "a token signed with HS256 and the public key": `${input}.${createHmac("sha256", pem).update(input).digest("base64url")}`,
    "a token with changed claims": `${header}.${encode({ ...claims, sub: "another" })}.${signature}`,
    "a token for another audience": await signer.sign({ typ: "at+jwt" }, { ...claims, aud: "https://other.example" }),
    "a token of another issuer": await signer.sign({ typ: "at+jwt" }, { ...claims, iss: "https://other.example" }),
    "the list of ended tokens": await list.text(),
  };
}

/** 401; 403 for a claim that does not match; 400 for a token that is too long for a header. */
const isRefused = (status: number) => [400, 401, 403].includes(status);

/** What must hold with either way of verifying. */
async function checkCommon(how: string, service: InteropService, server: ProtectedServer): Promise<void> {
  const { accessToken, refreshToken } = await service.signIn();
  check(`${how}: a person's token is accepted`, (await server.statusOf(accessToken)) === 200);
  const own = await service.clientToken(await service.makeClient(""));
  check(`${how}: a client's own token is accepted`, (await server.statusOf(own)) === 200);
  check(`${how}: a request without a token is refused`, isRefused(await server.statusOf()));
  const wrong = { ...(await forgeries(service, accessToken)), "a refresh token": refreshToken };
  for (const [what, token] of Object.entries(wrong))
    check(`${how}: ${what} is refused`, isRefused(await server.statusOf(token)));
}

async function verifyByKeySet(service: InteropService, folder: string): Promise<void> {
  const discovered = await fetch(`${service.issuer}/.well-known/openid-configuration`);
  const { jwks_uri: uri } = (await discovered.json()) as { jwks_uri: string };
  const lines = [
    `OIDCOAuthVerifyJwksUri ${uri}`,
    "OIDCJWKSRefreshInterval 300",
    `OIDCCABundlePath ${path.join(folder, "ca.pem")}`,
  ];
  await withApache("key set", { folder, lines, service }, async (server) => {
    await checkCommon("key set", service, server);
    await service.services.tokens.rotation?.rotateNow(service.services.clock.now());
    // An instance rereads its keys within 30 seconds; a new one, as after a deployment, has the new key at once.
    await service.restart();
    const { accessToken } = await service.signIn();
    check("key set: a token of a new key is accepted at once", (await server.statusOf(accessToken)) === 200);
  });
}

async function verifyByIntrospection(service: InteropService, folder: string): Promise<void> {
  const { id, secret } = await service.makeClient("introspect");
  const lines = [
    `OIDCOAuthServerMetadataURL ${service.issuer}/.well-known/oauth-authorization-server`,
    `OIDCOAuthClientID ${id}`,
    `OIDCOAuthClientSecret ${secret}`,
    `OIDCCABundlePath ${path.join(folder, "ca.pem")}`,
    // Its cache accepts keys of up to 512 characters; with encryption, a token's key is a digest.
    "OIDCCacheEncrypt On",
    "OIDCCryptoPassphrase only-for-this-run",
  ];
  await withApache("introspection", { folder, lines, service }, async (server) => {
    await checkCommon("introspection", service, server);
    const { accessToken } = await service.signIn();
    check("introspection: accepted before logging out", (await server.statusOf(accessToken)) === 200);
    await service.logout(accessToken);
    check("introspection: refused once logged out", isRefused(await server.statusOf(accessToken)));
  });
}

async function withApache(
  how: string,
  { folder, lines, service }: { folder: string; lines: readonly string[]; service: InteropService },
  work: (server: ProtectedServer) => Promise<void>,
): Promise<void> {
  mkdirSync(folder);
  writeFileSync(path.join(folder, "ca.pem"), service.certificate);
  const { issuer } = service;
  const server = await startApache({ folder, lines, issuer, audience: issuer });
  try {
    await work(server);
  } finally {
    await server.stop();
    if (outcomes.failed > 0) console.log(`${how}:\n${readFileSync(path.join(folder, "error.log"), "utf8")}`);
  }
}

async function checkTokens(folder: string): Promise<void> {
  // Apache's workers may pass through, but may not read the service's files.
  chmodSync(folder, 0o711);
  mkdirSync(path.join(folder, "service"), { mode: 0o700 });
  const service = await startInteropService(path.join(folder, "service"));
  await verifyByKeySet(service, path.join(folder, "key-set"));
  await verifyByIntrospection(service, path.join(folder, "introspection"));
  await service.stop();
}

async function main(): Promise<void> {
  if (hasApache()) await inFolder(checkTokens);
  else console.log("Not run: Apache needs Debian's apache2 and libapache2-mod-auth-openidc.");
  if (hasPostfix()) await inFolder(checkMail);
  else console.log("Not run: mail needs Debian's postfix, and root, who starts it.");
  if (hasOathtool()) checkTotp(systemClock.now());
  else console.log("Not run: codes of authenticator apps need Debian's oathtool.");
  if (hasFido2()) await checkPasskeys();
  else console.log("Not run: passkeys need Debian's python3-fido2.");
  for (const attack of attacks) await attackWith(attack, { isBounded: true });
  console.log(`${outcomes.passed} passed, ${outcomes.failed} failed`);
  if (outcomes.failed > 0) process.exitCode = 1;
}

await main();
