import type { FeedbackWords } from "./words.ts";

/** English. */
export const en: FeedbackWords = {
  reasons: {
    too_short: "A password needs at least {least} characters.",
    common: "Many people use this password, so it is tried first.",
    context: "Your name, your address and the name of this service are easy to guess.",
    too_weak: "This password is easy to guess.",
    breached: "This password is known from a data breach, here or elsewhere. Do not use it anywhere.",
  },
  warnings: {
    straightRow: "Keys that stand in a row are easy to guess.",
    keyPattern: "Short patterns of keys are easy to guess.",
    simpleRepeat: "Repeated characters, such as “aaa”, are easy to guess.",
    extendedRepeat: "Repeated patterns, such as “abcabc”, are easy to guess.",
    sequences: "Sequences, such as “abc” or “123”, are easy to guess.",
    recentYears: "Recent years are easy to guess.",
    dates: "Dates are easy to guess.",
    topTen: "This is one of the most common passwords.",
    topHundred: "This is a very common password.",
    common: "This is a common password.",
    similarToCommon: "This is almost a common password.",
    wordByItself: "A single word is easy to guess.",
    namesByThemselves: "A name alone is easy to guess.",
    commonNames: "Common names are easy to guess.",
    userInputs: "Your name, your address and the name of this service are easy to guess.",
  },
  suggestions: {
    l33t: "Putting “@” for “a” and the like does not help much.",
    reverseWords: "A word spelt backwards is not much harder to guess.",
    allUppercase: "Capital letters throughout do not help much.",
    capitalization: "A capital letter at the beginning does not help much.",
    dates: "Avoid dates that have to do with you.",
    recentYears: "Avoid recent years.",
    associatedYears: "Avoid years that have to do with you.",
    sequences: "Avoid sequences of characters.",
    repeated: "Avoid repetitions.",
    longerKeyboardPattern: "Use longer patterns of keys that change direction often.",
    anotherWord: "Add more words that do not belong together.",
    useWords: "Use several words that do not belong together.",
    noNeed: "You need no symbols, digits or capital letters.",
  },
};
