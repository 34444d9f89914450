const maxCharacters = 100;

/** Whether `username` may be kept: 1 to 100 characters (code points) of any script, no control characters, not only space. */
export function isUsername(username: string): boolean {
  const isPlain = username.isWellFormed() && !/\p{Cc}/u.test(username);
  return isPlain && username.trim() !== "" && Array.from(username).length <= maxCharacters;
}
