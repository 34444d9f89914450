const minLength = Number(document.querySelector("meta[name=password-min-length]")?.getAttribute("content"));

/** What the service will say about a password: only its length counts, in characters after normalisation. */
export function passwordHint(password: string): { readonly text: string; readonly isMet: boolean } {
  const normalised = password.normalize("NFC");
  const length = Array.from(normalised).length;
  if (new TextEncoder().encode(normalised).length > 1024)
    return { text: "Too long: 1024 bytes at most.", isMet: false };
  const rule = `At least ${minLength} characters of any kind`;
  if (length >= minLength) return { text: `${rule}: ${length}, long enough.`, isMet: true };
  const missing = minLength - length;
  return { text: length === 0 ? `${rule}.` : `${rule}: ${length}, ${missing} to go.`, isMet: false };
}
