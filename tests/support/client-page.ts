import * as esbuild from "esbuild";
import { serveProvider } from "./providers/serve.ts";

/**
 * Serves a page on 127.0.0.1, to a browser another site than the service on localhost, with the client at `/client.js`.
 * @param html of the page
 */
export async function serveClientPage(html: string): Promise<{ readonly url: string }> {
  const { outputFiles } = await esbuild.build({
    entryPoints: ["client/src/index.ts"],
    bundle: true,
    format: "esm",
    write: false,
  });
  const script = { body: outputFiles[0]?.text ?? "", headers: { "Content-Type": "text/javascript" } };
  return serveProvider(({ url: { pathname } }) => {
    if (pathname === "/client.js") return script;
    return pathname === "/" ? { body: html } : { status: 404 };
  });
}
