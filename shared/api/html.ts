import type { Config } from "../config.ts";

export { escapeHtml } from "../platform/html.ts";

/** The path prefix of the service, without a trailing slash: a gateway may add one. */
export function pathPrefix({ service: { issuer } }: Config): string {
  return new URL(issuer).pathname.replace(/\/$/, "");
}

/** The HTML of a page about the API. @param parts the contents of its head and body */
export function apiPage({ head, body }: { head: string; body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey API</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
${body}
</body>
</html>
`;
}
