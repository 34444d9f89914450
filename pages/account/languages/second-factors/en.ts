/** What the page says of second factors and passkeys, in English, and the shape of every other language. */
export const enSecondFactors = {
  appCode: "Code from your app",
  recoveryCode: "Recovery code",
  secondStep: {
    title: "Second step",
    totp: "Enter the code that your authenticator app shows.",
    recovery: "Enter one of your recovery codes. Each works once.",
    email: "Have a code sent to your email address, and enter it here.",
    passkey: "Confirm with your passkey: by your finger, your face or a PIN.",
    instead: {
      totp: "Use my authenticator app",
      recovery: "Use a recovery code",
      email: "Get a code by mail",
      passkey: "Use a passkey instead",
    },
    usePasskey: "Use a passkey",
    sendCode: "Send me a code",
    codeSent: "A code is on its way. Older codes no longer work.",
    remember: "Do not ask again on this device for {days} days",
  },
  enrolment: {
    title: "Add a second step",
    required: "This service asks for a second step when you sign in. Add an authenticator app to go on.",
    scan: "Scan this code with your authenticator app.",
    qr: "QR code for your authenticator app",
    key: "Or enter this key in the app:",
    open: "Open it in an app on this device",
    confirm: "Add the app",
  },
  factors: {
    title: "Two-step sign-in",
    off: "Add an authenticator app, and signing in takes its code as well as your password. Whoever learns your password cannot get in.",
    on: "Signing in takes a code of one of these apps.",
    unproven: "Confirm your email address first.",
    unnamed: "Authenticator app",
    add: "Add an authenticator app",
    added: "The app is added. From now on, signing in takes a code.",
    warning: "Its codes no longer work, and all other devices are signed out.",
    lastWarning:
      "This is your only app. Signing in will take your password alone, your recovery codes end, and all other devices are signed out.",
  },
  names: {
    title: "Rename",
    text: "A name tells it from others. It may be empty.",
    label: "New name",
    since: "Added {date}",
    rename: "Rename",
    renameNamed: "Rename: {name}",
    remove: "Remove",
    removeNamed: "Remove: {name}",
    removeQuestion: "Remove {name}?",
    removed: "{name} is removed. All other devices are signed out.",
  },
  codes: {
    heading: "Recovery codes",
    none: "You have no recovery codes. With one, you can sign in when your app is not at hand.",
    left: "Codes left: {count}. With one, you can sign in when your app is not at hand.",
    make: "Make recovery codes",
    makeNew: "Make new recovery codes",
    title: "Your recovery codes",
    lead: "Each of these codes works once, in place of your app. Keep them where only you can find them: they are not shown again, and older ones no longer work.",
    copy: "Copy",
    copied: "Copied.",
    notCopied: "Your browser did not allow that. Select the codes, and copy them.",
    download: "Download",
    done: "I have saved them",
  },
  remembered: {
    title: "Remembered devices",
    lead: "Signing in on these devices takes no second step for a time.",
    until: "Until {date}",
    forget: "Ask again",
    forgetNamed: "Ask again: {device}",
    forgotten: "Signing in takes the second step again: {device}.",
    forgetAll: "Ask again on all devices",
    allForgotten: "Signing in takes the second step again on all devices.",
  },
  passkeys: {
    title: "Passkeys",
    lead: "A passkey signs you in by your finger, your face or a PIN, without a password.",
    none: "You have no passkey yet.",
    unsupported: "This browser has no passkeys.",
    unnamed: "Passkey",
    add: "Add a passkey",
    added: "The passkey is added.",
    backedUp: "Kept on several devices",
    warning: "You can no longer sign in with it, and all other devices are signed out.",
    signIn: "Sign in with a passkey",
    notShown: "No passkey was used.",
  },
};

export const enSecondFactorFields = {
  app_code: "Enter the six digits that your app shows.",
  recovery_code: "Enter a recovery code.",
};

export const enSecondFactorFaults = {
  MFA_CODE_INVALID: "This code is wrong, or was used before. Each code works once.",
  MFA_TOKEN_INVALID: "That took too long, or too many codes were wrong. Sign in again.",
  MFA_METHOD_UNAVAILABLE: "No code can be sent for this sign-in. Choose another way.",
  NO_SECOND_FACTOR: "Add an authenticator app first.",
  TOO_MANY_FACTORS: "You have as many authenticator apps as you may. Remove one first.",
  TOO_MANY_PASSKEYS: "You have as many passkeys as you may. Remove one first.",
  PASSKEY_EXISTS: "This device has a passkey of your account already.",
  PASSKEY_INVALID: "The passkey was not accepted. Try again.",
  PASSKEY_UNKNOWN: "This passkey no longer belongs to an account. Sign in another way.",
  PLATFORM_ERROR: "Your browser cannot do that, or does not allow it.",
};

export type SecondFactorWords = typeof enSecondFactors;
export type SecondFactorFields = typeof enSecondFactorFields;
export type SecondFactorFaults = typeof enSecondFactorFaults;
