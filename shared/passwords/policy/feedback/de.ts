import type { FeedbackWords } from "./words.ts";

/** German. */
export const de: FeedbackWords = {
  reasons: {
    too_short: "Ein Passwort braucht mindestens {least} Zeichen.",
    common: "Viele benutzen dieses Passwort, darum wird es zuerst probiert.",
    context: "Ihr Name, Ihre Adresse und der Name dieses Dienstes sind leicht zu erraten.",
    too_weak: "Dieses Passwort ist leicht zu erraten.",
    breached: "Dieses Passwort ist aus einem Datenleck bekannt, hier oder anderswo. Benutzen Sie es nirgends.",
  },
  warnings: {
    straightRow: "Tasten, die nebeneinander liegen, sind leicht zu erraten.",
    keyPattern: "Kurze Tastaturmuster sind leicht zu erraten.",
    simpleRepeat: "Wiederholte Zeichen wie „aaa“ sind leicht zu erraten.",
    extendedRepeat: "Wiederholte Muster wie „abcabc“ sind leicht zu erraten.",
    sequences: "Folgen wie „abc“ oder „123“ sind leicht zu erraten.",
    recentYears: "Jahreszahlen der letzten Zeit sind leicht zu erraten.",
    dates: "Daten sind leicht zu erraten.",
    topTen: "Das ist eines der häufigsten Passwörter.",
    topHundred: "Das ist ein sehr häufiges Passwort.",
    common: "Das ist ein häufiges Passwort.",
    similarToCommon: "Das ist fast ein häufiges Passwort.",
    wordByItself: "Ein einzelnes Wort ist leicht zu erraten.",
    namesByThemselves: "Ein Name allein ist leicht zu erraten.",
    commonNames: "Häufige Namen sind leicht zu erraten.",
    userInputs: "Ihr Name, Ihre Adresse und der Name dieses Dienstes sind leicht zu erraten.",
  },
  suggestions: {
    l33t: "„@“ für „a“ und Ähnliches hilft kaum.",
    reverseWords: "Ein rückwärts geschriebenes Wort ist kaum schwerer zu erraten.",
    allUppercase: "Durchgehende Großbuchstaben helfen kaum.",
    capitalization: "Ein Großbuchstabe am Anfang hilft kaum.",
    dates: "Vermeiden Sie Daten, die mit Ihnen zu tun haben.",
    recentYears: "Vermeiden Sie Jahreszahlen der letzten Zeit.",
    associatedYears: "Vermeiden Sie Jahreszahlen, die mit Ihnen zu tun haben.",
    sequences: "Vermeiden Sie Zeichenfolgen.",
    repeated: "Vermeiden Sie Wiederholungen.",
    longerKeyboardPattern: "Nehmen Sie längere Tastaturmuster, die oft die Richtung ändern.",
    anotherWord: "Nehmen Sie weitere Wörter hinzu, die nicht zusammengehören.",
    useWords: "Nehmen Sie mehrere Wörter, die nicht zusammengehören.",
    noNeed: "Sonderzeichen, Ziffern und Großbuchstaben sind nicht nötig.",
  },
};
