import { once } from "node:events";
import { connect, createServer } from "node:net";

/** Whether something accepts connections there. */
export async function answers(port: number, hostname = "127.0.0.1"): Promise<boolean> {
  const socket = connect({ port, host: hostname });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** @throws Error saying what to do if the port cannot be used */
export async function checkPort(port: number, hostname = "127.0.0.1"): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, hostname);
    await once(server, "listening");
  } catch (cause) {
    const why = (cause as { code?: unknown }).code === "EADDRINUSE" ? "is taken" : "cannot be used";
    throw new Error(`Port ${port} ${why}: stop the program that uses it, or set PORT to another port.`, { cause });
  } finally {
    server.close();
  }
}
