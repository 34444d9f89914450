import { once } from "node:events";
import net from "node:net";
import type { Duplex } from "node:stream";
import {
  readLogin,
  readRequest,
  writeError,
  writeLoginAck,
  writePrelogin,
  writeRows,
  writeTransactionChange,
  type TdsError,
  type TdsLogin,
  type TdsOutcome,
  type TdsRequest,
  type TdsRows,
  type TransactionChange,
} from "./messages.ts";
import { MessageReader, writeMessage, type Message } from "./packets.ts";
import { secure } from "./tls.ts";

/** An answer, an error, the end of the connection (`drop` without a word, `end` in an orderly way), or nothing at all. `half` begins an answer and stops. */
export type TdsAnswer = TdsOutcome | "drop" | "end" | "silence" | "half";

/** What holds the data behind one connection. */
export interface TdsSession {
  /** Waited for before a request is answered. */
  before?(request: TdsRequest): Promise<void>;
  run(request: TdsRequest): TdsOutcome;
  /** Undoes the transaction that is open. @returns whether there was one */
  undo?(): boolean;
  close(): void;
}

type LoginRefusal = { readonly error: TdsError } | "drop" | "end" | "silence" | "half";

export interface TdsScript {
  /** How the login with this number, from 1, is answered; accepted unless given. */
  login?: (attempt: number, login: TdsLogin) => "accept" | LoginRefusal | Promise<"accept">;
  /** How a request is answered; `run` does what it says. */
  request?: (request: TdsRequest, run: () => TdsAnswer) => TdsAnswer | Promise<TdsAnswer>;
  encryption?: "on" | "off";
}

export interface TdsServer {
  readonly port: number;
  /** May be changed at any time. */
  script: TdsScript;
  /** Is told of each request. */
  readonly heard: (request: TdsRequest) => void;
  readonly logins: TdsLogin[];
  readonly requests: TdsRequest[];
  readonly connections: Set<net.Socket>;
  /** The most connections that were open at once. */
  peak: number;
  /** Ends every connection, without a word. */
  dropAll(): void;
  /** Takes no more connections, until it is opened again at the same port. */
  shut(): Promise<void>;
  open(): Promise<void>;
}

const oneRow: TdsRows = { columns: [["one", "int"]], rows: [[1]] };

/** A server that speaks TDS as scripted, on loopback, until it is shut. */
export async function openTdsServer(
  script: TdsScript = {},
  openSession: () => TdsSession = () => ({ run: () => oneRow, close: () => undefined }),
  heard: (request: TdsRequest) => void = () => undefined,
): Promise<TdsServer> {
  const connections = new Set<net.Socket>();
  const listener = net.createServer((socket) => {
    connections.add(socket);
    server.peak = Math.max(server.peak, connections.size);
    const session = openSession();
    socket.once("close", () => {
      connections.delete(socket);
      session.close();
    });
    socket.on("error", () => undefined);
    serve(server, socket, session);
  });
  const listen = async (port: number) => {
    listener.listen(port, "127.0.0.1");
    await once(listener, "listening");
    return (listener.address() as net.AddressInfo).port;
  };
  const server: TdsServer = {
    port: await listen(0),
    script,
    heard,
    logins: [],
    requests: [],
    connections,
    peak: 0,
    dropAll: () => connections.forEach((socket) => socket.destroy()),
    async shut() {
      if (!listener.listening) return;
      const closed = once(listener, "close");
      listener.close();
      server.dropAll();
      await closed;
    },
    open: async () => void (await listen(server.port)),
  };
  return server;
}

/** Prelogin, TLS, login, then one request after the other. */
function serve(server: TdsServer, socket: net.Socket, session: TdsSession): void {
  const isEncrypted = (server.script.encryption ?? "on") === "on";
  const reader = new MessageReader();
  socket.once("data", (chunk: Buffer) => {
    reader.add(chunk);
    const stream: Duplex = isEncrypted ? secure(socket) : socket;
    stream.on("error", () => socket.destroy());
    let turn = Promise.resolve();
    stream.on("data", (part: Buffer) => {
      for (const message of reader.add(part))
        turn = turn.then(() => answer({ server, socket, stream, session }, message));
    });
    writeMessage(socket, writePrelogin({ isEncrypted }));
  });
}

interface Conversation {
  readonly server: TdsServer;
  readonly socket: net.Socket;
  readonly stream: Duplex;
  readonly session: TdsSession;
}

async function answer({ server, socket, stream, session }: Conversation, { type, bytes }: Message): Promise<void> {
  if (type === 0x10) {
    const login = readLogin(bytes);
    const attempt = server.logins.push(login);
    const verdict = (await server.script.login?.(attempt, login)) ?? "accept";
    send(socket, stream, verdict === "accept" ? writeLoginAck(login) : verdict);
    return;
  }
  const request = readRequest(type, bytes);
  // The driver's own first words set options of the session.
  if (type === 1 && request.sql.startsWith("set ")) return writeMessage(stream, writeRows({ columns: [], rows: [] }));
  server.requests.push(request);
  server.heard(request);
  await session.before?.(request);
  const run = () => session.run(request);
  const reply = await (server.script.request?.(request, run) ?? run());
  send(socket, stream, typeof reply === "string" ? reply : written(request, reply, session));
}

/** The number of a deadlock's victim, whose transaction the server undoes. */
const deadlock = 1205;
/** The count of transactions is another one after a text than before it. */
const mismatch = { number: 266, message: "Transaction count after EXECUTE indicates a mismatching number" };

function written(request: TdsRequest, outcome: TdsOutcome, session: TdsSession): Buffer {
  const isError = "error" in outcome;
  const isUndone = isError && outcome.error.number === deadlock && (session.undo?.() ?? false);
  const changes = isUndone ? (["begin", "rollback"] as const) : changesOf(request, outcome);
  // Only the transaction manager changes the count without a word.
  const isMismatch = request.sql !== "" && changes.length === 1;
  return Buffer.concat([
    ...changes.map(writeTransactionChange),
    isError ? writeError(outcome.error) : writeRows(outcome),
    ...(isMismatch ? [writeError(mismatch)] : []),
  ]);
}

/** A session that keeps no account of it is taken to have done as it was asked. */
function changesOf({ sql, kind }: TdsRequest, outcome: TdsOutcome): readonly TransactionChange[] {
  if (outcome.transaction) return outcome.transaction;
  if (kind === "query" || "error" in outcome) return [];
  return sql.startsWith("begin") && kind === "commit" ? ["begin", "commit"] : [kind];
}

function send(socket: net.Socket, stream: Duplex, reply: Exclude<TdsAnswer, TdsOutcome> | Buffer | LoginRefusal): void {
  if (reply === "silence") return;
  if (reply === "drop") return void socket.destroy();
  if (reply === "end") return void stream.end();
  if (reply === "half") return void stream.write(Buffer.from([4, 0, 0, 20, 0, 0, 1, 0, 0x81, 1, 0]));
  writeMessage(stream, Buffer.isBuffer(reply) ? reply : writeError(reply.error));
}
