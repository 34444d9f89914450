// Endpoints that leave nothing in the audit log, by the reasons that several of them share.

/** Something public: a document, a page, a script, a state. */
export const readsWhatIsPublic = {
  recorded: { nothing: "Anyone may read it" },
  refused: { nothing: "Nobody is kept from it" },
} as const;

/** A signed-in person reads what is theirs. Whose token is refused is recorded by its gate. */
export const readsOwnData = {
  recorded: { nothing: "People read what is theirs" },
  refused: { nothing: "It refuses nothing itself" },
} as const;

/** A page that a mail's link opens. */
export const opensPage = {
  recorded: { nothing: "A visit changes nothing; the page's button does" },
} as const;
