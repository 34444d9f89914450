const maxCharacters = 100;

/** Control characters, and those that turn the direction of what is written after them. */
const refused = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u;

/** Whether `username` may be kept: 1 to 100 characters (code points) of any script, something of it visible. */
export function isUsername(username: string): boolean {
  if (!username.isWellFormed() || refused.test(username) || Array.from(username).length > maxCharacters) return false;
  return /[^\s\p{Default_Ignorable_Code_Point}]/u.test(username);
}
