/** Why an image's name does not say for good which image it is; undefined when it does. */
export function looseImage(image: string): string | undefined {
  const tag = /:([\w.-]+)(?:@sha256:[\da-f]{64})?$/.exec(image)?.[1];
  if (tag === undefined) return `${image} has no tag`;
  if (/latest|nightly|preview|edge|main/.test(tag)) return `${image} moves`;
  // A whole version, or a cumulative update of SQL Server.
  return /(?:^|v)\d+\.\d+\.\d+|-CU\d+(?:-|$)/.test(tag) ? undefined : `${image} is no whole version`;
}
