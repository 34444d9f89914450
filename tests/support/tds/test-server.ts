import { afterAll } from "vitest";
import { noteMessage } from "../statements.ts";
import { openTdsServer, type TdsScript, type TdsServer, type TdsSession } from "./server.ts";

/** A scripted server until the tests of the file are done, which notes what the service sends it; see `openTdsServer`. */
export async function startTdsServer(script: TdsScript = {}, openSession?: () => TdsSession): Promise<TdsServer> {
  const server = await openTdsServer(script, openSession, noteMessage);
  afterAll(() => server.shut());
  return server;
}
