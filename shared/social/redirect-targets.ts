import { ambiguousPath, maxRedirectLength } from "../platform/origins.ts";

/**
 * The normalised URL that a browser may be sent to; undefined if it is not on the list. An entry that ends in `/`
 * admits URLs below it that have no fragment; any other entry, or one with a query or a fragment, admits only itself
 * (ASVS 10.4.1; RFC 9700, section 4.11.1). A URL that a parser would have to repair is never admitted.
 */
export function allowedRedirect(target: string, allowlist: readonly string[]): string | undefined {
  const url = target.length > maxRedirectLength || target.includes("\\") ? null : URL.parse(target);
  if (url === null || (target !== url.href && `${target}/` !== url.href)) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  const { href, pathname } = url;
  const admits = (entry: string): boolean => {
    if (href === URL.parse(entry)?.href) return true;
    const isFolder = entry.endsWith("/") && !/[?#]/.test(entry);
    return isFolder && !href.includes("#") && href.startsWith(entry) && !ambiguousPath.test(pathname);
  };
  return allowlist.some(admits) ? href : undefined;
}
