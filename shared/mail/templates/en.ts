import type { Words } from "./words.ts";

/** English. */
export const en: Words = {
  hello: "Hello {name},",
  helloWithoutName: "Hello,",
  colon: ": ",
  labels: {
    newAddress: "New address",
    device: "Device",
    ipAddress: "IP address",
    time: "Time",
    provider: "Provider",
    name: "Name",
  },
  footer: {
    automatic: "{product} sent this mail automatically.",
    support: "Questions? Write to {address}.",
  },
  ignore: "If this was not you, you can ignore this mail.",
  notYou:
    "If this was not you, choose a new password now: use “Forgot password” where you sign in. That also signs out every device.",

  verify_email: {
    subject: "Confirm your email address for {product}",
    lead: "You have registered for {product} with this address. Please confirm that it is yours.",
    link: "Confirm address",
    code: "Or enter this code where you registered:",
    lifetime: "The link and the code are valid for {duration}.",
  },
  already_registered: {
    subject: "You already have a {product} account",
    lead: "Someone, probably you, has tried to register for {product} with this address. There is already an account with it, and nothing about that account has changed.",
    advice: "Just sign in. If you no longer know your password, use “Forgot password” there.",
  },
  reset_password: {
    subject: "Choose a new password for {product}",
    lead: "Someone, probably you, has asked for a new password for your {product} account.",
    link: "Choose a new password",
    lifetime:
      "The link is valid for {duration} and works once. A new password signs out every device that is signed in now.",
    ignore: "If this was not you, you can ignore this mail: your password stays as it is.",
  },
  password_compromised: {
    subject: "Your {product} password is known: choose another",
    lead: "Someone, probably you, has just tried to sign in to your {product} account, and knew the password. It is known from a data breach, here or elsewhere, so nobody gets in with it any more. Choose another one now.",
    link: "Choose a new password",
    lifetime:
      "The link is valid for {duration} and works once. A new password signs out every device that is signed in now.",
    advice: "If you use the old password anywhere else, change it there too.",
  },
  password_changed: {
    subject: "Your {product} password has changed",
    changed: "The password of your {product} account has been changed. Your other devices have been signed out.",
    reset: "The password of your {product} account has been reset. Every device has been signed out.",
  },
  confirm_email: {
    subject: "Confirm your new email address for {product}",
    lead: "This is to be the new address of your {product} account. Please confirm that it is yours. Until then, the account keeps its old address.",
    link: "Confirm new address",
    lifetime: "The link is valid for {duration}.",
  },
  email_change_requested: {
    subject: "A new email address for your {product} account",
    lead: "Someone, probably you, wants to change the address of your {product} account.",
    effect: "The change takes effect when it is confirmed from the new address. Until then, nothing changes.",
  },
  email_changed: {
    subject: "Your {product} account has a new email address",
    lead: "The address of your {product} account has changed. From now on, mail about the account goes to the new address.",
    undo: "If this was not you, undo the change. The account then has this address again, every device is signed out, and you choose a new password.",
    link: "Undo the change",
    lifetime: "You can undo it until {until}.",
  },
  email_change_undone: {
    subject: "Your {product} account has its earlier address again",
    lead: "Your {product} account no longer has this email address: a change of its address has been undone, and it has its earlier address again. You can no longer sign in with this address, and mail about the account goes to the earlier one.",
    advice:
      "If this was not you, somebody else can read mail to the earlier address. Secure that mailbox first, then choose a new password for the account.",
  },
  new_device: {
    subject: "New sign-in to your {product} account",
    lead: "Someone has signed in to your {product} account on a device that has not been used with it before.",
    ignore: "If this was you, there is nothing to do.",
    notMe: "If this was not you, choose a new password. That signs out every device.",
    link: "This was not me",
    lifetime: "The link is valid for {duration}. After that, use “Forgot password” where you sign in.",
  },
  sign_in_attempts: {
    subject: "Someone is trying to sign in to your {product} account",
    lead: "Someone has tried many times to sign in to your {product} account with wrong passwords. They have not got in.",
    effect:
      "On the devices where you have signed in before, everything works as usual. If this goes on, other devices are refused, even with the right password.",
    advice:
      "If you cannot sign in on a new device, or think that somebody may know your password, choose a new one: use “Forgot password” where you sign in.",
  },
  session_reused: {
    subject: "We have signed you out of {product} on one device",
    lead: "Your sign-in to {product} on one device was used a second time, as happens if someone has copied it. To be safe, we have ended it.",
    advice: "You can sign in again on that device. If you do not know what happened, choose a new password as well.",
  },
  identity_linked: {
    subject: "A new way to sign in to {product}",
    lead: "You can now also sign in to your {product} account with this provider.",
  },
  identity_unlinked: {
    subject: "One way to sign in to {product} has been removed",
    lead: "You can no longer sign in to your {product} account with this provider.",
  },
  factor_added: {
    subject: "Your {product} account has a second factor",
    lead: "An authenticator app has been added to your {product} account. From now on, signing in takes a code of such an app, too.",
    advice:
      "Make recovery codes, if you have none yet, and keep them where you find them without your phone: they are the way in if you lose it.",
  },
  factor_removed: {
    subject: "A second factor of your {product} account has been removed",
    lead: "An authenticator app has been removed from your {product} account. Your other devices have been signed out.",
    last: "It was the last one: signing in takes no second factor any more, and the recovery codes have ended.",
    others: "Signing in still takes a code of one of your other apps.",
  },
  passkey_added: {
    subject: "A passkey can sign in to your {product} account",
    lead: "A passkey has been added to your {product} account. Whoever has it can sign in with it, without the password.",
    advice: "A new password does not end it: if you do not know this passkey, remove it from your account as well.",
  },
  passkey_removed: {
    subject: "A passkey of your {product} account has been removed",
    lead: "A passkey has been removed from your {product} account: it can no longer sign in. Your other devices have been signed out.",
  },
  recovery_codes_made: {
    subject: "New recovery codes for your {product} account",
    lead: "New recovery codes have been made for your {product} account. Earlier ones no longer work.",
  },
  recovery_code_used: {
    subject: "A recovery code of your {product} account was used",
    lead: "Someone, probably you, has used a recovery code of your {product} account.",
    left: "Recovery codes left: {left}.",
    advice:
      "When few are left, make new ones. If you have lost the phone with your authenticator app, remove that app from your account.",
  },
  second_factor_attempts: {
    subject: "Someone may know your {product} password",
    lead: "Someone has signed in to your {product} account as far as the second factor, and then typed wrong codes. They have not got in. If it was you, there is nothing to do.",
    advice:
      "If it was not you, somebody knows your password: choose a new one now with “Forgot password” where you sign in.",
  },
  sign_in_code: {
    subject: "Your code to sign in to {product}",
    lead: "Someone, probably you, is signing in to your {product} account, and has shown the password. To go on, enter this code:",
    lifetime:
      "It works once, and for ten minutes at most. A newer code ends it. Give it to nobody: {product} never asks for it by mail or telephone.",
  },
  deletion_requested: {
    subject: "Your {product} account will be deleted",
    lead: "Your {product} account has been deactivated, as you asked, and every device has been signed out. All data of the account will be erased on {date}.",
    cancel: "If you want to keep the account, sign in before then: you will be offered to cancel the deletion.",
  },
  deletion_cancelled: {
    subject: "Your {product} account stays",
    lead: "The deletion of your {product} account has been cancelled. You can sign in as before.",
  },
};
