/** Characters that change the direction of the text after them. */
const bidiControl = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;
/** Control characters, and what else begins a new line. */
const lineOrControl = /[\p{Cc}\u2028\u2029]/gu;

/**
 * A text that someone else has chosen, in one line of at most `limit` characters (code points), without characters that
 * would change how our own text is read.
 */
export function oneLine(text: string, limit: number): string {
  const characters = Array.from(text.toWellFormed().replace(lineOrControl, " ").replace(bidiControl, "").trim());
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : characters.join("");
}

/** What mail programs make a link of: a scheme, an address, and what could be a host's name. */
const linkable = /:\/\/|@|\/\/|www\.|[\p{L}\p{N}][.\u3002\uFF0E\uFF61]\p{L}{2}/iu;
/** As many digits as a telephone number has, in any script and however they are set apart. */
const callable = /(?:\p{N}\P{N}*){6}/u;
const maxNameCharacters = 64;

/**
 * The name to greet with. Anyone can register anyone's address under any name, so that the name could be a message of
 * its own, with a link or a number to call: such a name is not repeated.
 */
export function greetingName(username: string): string | undefined {
  const name = oneLine(username, maxNameCharacters);
  return name === "" || linkable.test(name) || callable.test(name) ? undefined : name;
}
