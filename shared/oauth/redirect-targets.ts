import { ambiguousPath, maxRedirectLength } from "../platform/origins.ts";

/**
 * The URL that a browser may be sent to, in its plain form; undefined for one that is not on the list. An entry that ends
 * in `/` admits what is below it, every other entry itself alone (ASVS 10.4.1; RFC 9700, section 4.11.1). A URL that a
 * parser would have to repair is not on any list.
 */
export function allowedRedirect(target: string, allowlist: readonly string[]): string | undefined {
  const url = target.length > maxRedirectLength || target.includes("\\") ? null : URL.parse(target);
  if (url === null || (target !== url.href && `${target}/` !== url.href)) return undefined;
  if (url.username !== "" || url.password !== "" || url.href.includes("#")) return undefined;
  const { href, pathname } = url;
  const admits = (entry: string): boolean => {
    if (href === URL.parse(entry)?.href) return true;
    const isFolder = entry.endsWith("/") && !entry.includes("?");
    return isFolder && href.startsWith(entry) && !ambiguousPath.test(pathname);
  };
  return allowlist.some(admits) ? href : undefined;
}
