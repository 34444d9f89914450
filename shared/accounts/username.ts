/** Whether `username` is allowed: 1 to 100 characters (code points) of any script, at least one of them visible. */
export function isUsername(username: string): boolean {
  if (!username.isWellFormed() || refused.test(username) || Array.from(username).length > maxCharacters) return false;
  return /[^\s\p{Default_Ignorable_Code_Point}]/u.test(username);
}

const maxCharacters = 100;

/** Control characters, and those that change the direction of the text after them. */
const refused = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;
