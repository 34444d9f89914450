import type { LinkTexts } from "./link-texts.ts";

/** Texts for mailed-link pages. */
export const en: LinkTexts = {
  email: "Email address",
  verify: {
    title: "Confirm your email address",
    text: "Press the button if you registered here with this address. Otherwise close this page: nothing happens then.",
    button: "Confirm address",
  },
  verified: { title: "Your address is confirmed", text: "You can close this page and sign in." },
  reset: { title: "Choose a new password", password: "New password", button: "Save password" },
  passwordRule: (minLength) =>
    `At least ${minLength} characters, and at most 1024 bytes. A sentence is a good password.`,
  resetDone: {
    title: "Your password is changed",
    text: "You are signed out on all devices. Sign in with the new password.",
  },
  dead: {
    title: "This link is no longer valid",
    text: "A link works once and for a limited time, and a newer mail ends it. Enter your address, and you get a new mail.",
    button: "Send a new mail",
  },
  change: {
    title: "Confirm your new email address",
    text: "Press the button to make this the address of your account. If you did not ask for that, close this page: nothing happens then.",
    button: "Use this address",
  },
  changed: {
    title: "Your address is changed",
    text: "Sign in with the new address from now on. A mail to the old one says how to undo the change.",
  },
  undo: {
    title: "Undo the change of your address",
    text: "Press the button to get this address back. It signs out all devices and removes the password and all linked sign-ins, and then you choose a new password.",
    button: "Restore this address",
  },
  taken: {
    title: "Another account has this address",
    text: "Nothing was changed. If that account is yours too, give it another address first, and open the link again.",
  },
  changeDead: {
    title: "This link is no longer valid",
    text: "A link works once and for a limited time, and a newer mail ends it. Sign in and change your address again to get a new mail.",
  },
  sent: {
    title: "Check your mail",
    text: "If this address is registered here, a mail with a new link is on its way. Look in the spam folder too.",
  },
  wrongEmail: "Enter an email address, such as name@example.com.",
  onward: { account: "Go to your account", app: (app) => `Continue to ${app}` },
  tooLong: {
    title: "That is too long",
    text: "What you entered is too long to be taken. Go back and enter something shorter.",
  },
  misshapen: {
    title: "This form cannot be taken",
    text: "It did not arrive as this page sends it. Open the page again, and use its own form in your browser.",
  },
  failed: { title: "That did not work", text: "Please go back and try again in a moment." },
};
