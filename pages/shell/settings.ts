/** What the service has written into the page; empty if it has not. */
export function pageSetting(name: string): string {
  return document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";
}
