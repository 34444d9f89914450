/** The name of the logo's part within a mail (RFC 2392). */
export const logoContentId = "logo";
