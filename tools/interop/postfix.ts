import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../free-port.ts";

const program = "/usr/sbin/postfix";

/** Whether Debian's postfix is installed and may be started: its master runs as root. */
export function hasPostfix(): boolean {
  return existsSync(program) && process.getuid?.() === 0;
}

/** A postfix on loopback that takes mail for some people. */
export interface Postfix {
  /** With STARTTLS, which it demands. */
  readonly port: number;
  /** With TLS from the start. */
  readonly tlsPort: number;
  /** The mails that a person has got, as they lie in the mailbox. */
  mailsOf(address: string): string[];
  stop(): Promise<void>;
}

export interface PostfixOptions {
  /** Where to put all its files. */
  readonly folder: string;
  readonly certificate: { readonly key: string; readonly cert: string };
  /** Whose mail it takes; any other recipient is refused. */
  readonly people: readonly string[];
  /** Whose mail it takes at the second attempt only. */
  readonly greylisted: string;
  /** It refuses a mail that says this, once it has read it. */
  readonly refusedWord: string;
}

/** Starts postfix with all its files in `folder`. @throws Error with its log if it does not start */
export async function startPostfix(options: PostfixOptions): Promise<Postfix> {
  const { folder } = options;
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const greylist = await startGreylist(options.greylisted);
  writeConfiguration(options, { port, tlsPort, policyPort: greylist.port });
  const child = spawn(program, ["-c", path.join(folder, "etc"), "start-fg"], { stdio: "ignore" });
  const log = path.join(folder, "postfix.log");
  for (let tries = 0; !(await answers(port)); tries += 1) {
    if (tries > 300 || child.exitCode !== null)
      throw new Error(`postfix did not start:\n${existsSync(log) ? readFileSync(log, "utf8") : ""}`);
    await sleep(100);
  }
  return {
    port,
    tlsPort,
    mailsOf: (address) => mailsIn(path.join(folder, "mail", mailboxOf(address), "new")),
    async stop() {
      greylist.stop();
      execFileSync(program, ["-c", path.join(folder, "etc"), "stop"], { stdio: "ignore" });
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}

/** Answers postfix's policy requests (SMTPD_POLICY_README): defers the first for this recipient. */
async function startGreylist(address: string): Promise<{ port: number; stop(): void }> {
  let isKnown = false;
  const server = net.createServer((socket) => {
    let heard = "";
    socket.on("data", (chunk) => {
      heard += String(chunk);
      if (!heard.includes("\n\n")) return;
      const isDeferred = heard.includes(`\nrecipient=${address}\n`) && !isKnown;
      isKnown ||= isDeferred;
      heard = "";
      socket.write(`action=${isDeferred ? "defer_if_permit Greylisted, come back later" : "dunno"}\n\n`);
    });
    socket.on("error", () => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, stop: () => void server.close() };
}

interface Ports {
  readonly port: number;
  readonly tlsPort: number;
  readonly policyPort: number;
}

function writeConfiguration({ folder, certificate, people, refusedWord }: PostfixOptions, ports: Ports): void {
  const inFolder = (name: string) => path.join(folder, name);
  for (const name of ["etc", "spool", "data", "mail"]) mkdirSync(inFolder(name), { recursive: true });
  // Those who deliver are other users.
  for (const name of [".", "etc"]) chmodSync(inFolder(name), 0o755);
  chmodSync(inFolder("mail"), 0o777);
  execFileSync("chown", ["postfix", inFolder("data")]);
  writeFileSync(inFolder("etc/key.pem"), certificate.key, { mode: 0o600 });
  writeFileSync(inFolder("etc/cert.pem"), certificate.cert);
  writeFileSync(inFolder("etc/people"), people.map((one) => `${one} ${mailboxOf(one)}/\n`).join(""));
  writeFileSync(inFolder("etc/body"), `/${refusedWord}/ REJECT not here\n`);
  writeFileSync(inFolder("etc/main.cf"), mainFile(inFolder, people, ports.policyPort));
  writeFileSync(inFolder("etc/master.cf"), masterFile(ports));
}

function mainFile(inFolder: (name: string) => string, people: readonly string[], policyPort: number): string {
  const domains = new Set(people.map((one) => one.slice(one.lastIndexOf("@") + 1)));
  const parameters = {
    compatibility_level: "3.6",
    queue_directory: inFolder("spool"),
    data_directory: inFolder("data"),
    maillog_file: inFolder("postfix.log"),
    maillog_file_prefixes: path.dirname(inFolder(".")),
    inet_interfaces: "127.0.0.1",
    inet_protocols: "ipv4",
    myhostname: "localhost.localdomain",
    mydestination: "",
    mynetworks: "",
    virtual_mailbox_domains: [...domains].join(", "),
    virtual_mailbox_base: inFolder("mail"),
    virtual_mailbox_maps: `texthash:${inFolder("etc/people")}`,
    virtual_uid_maps: "static:65534",
    virtual_gid_maps: "static:65534",
    smtpd_tls_key_file: inFolder("etc/key.pem"),
    smtpd_tls_cert_file: inFolder("etc/cert.pem"),
    smtpd_tls_security_level: "encrypt",
    smtpd_recipient_restrictions: `reject_unauth_destination, reject_unlisted_recipient, check_policy_service inet:127.0.0.1:${policyPort}`,
    body_checks: `regexp:${inFolder("etc/body")}`,
  };
  return Object.entries(parameters)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

/** The services that receive and deliver, none of them in a chroot. */
function masterFile({ port, tlsPort }: Ports): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
127.0.0.1:${tlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`;
}

/** A folder's name for a person. */
function mailboxOf(address: string): string {
  return Buffer.from(address).toString("hex").slice(0, 40);
}

function mailsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));
}

async function answers(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  const isUp = await Promise.race([
    once(socket, "data").then(() => true),
    once(socket, "error").then(() => false),
    sleep(1000).then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isUp;
}
