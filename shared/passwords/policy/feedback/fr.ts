import type { FeedbackWords } from "./words.ts";

/** French. */
export const fr: FeedbackWords = {
  reasons: {
    too_short: "Un mot de passe doit avoir au moins {least} caractères.",
    common: "Beaucoup de gens utilisent ce mot de passe : c’est l’un des premiers que l’on essaie.",
    context: "Votre nom, votre adresse et le nom de ce service sont faciles à deviner.",
    too_weak: "Ce mot de passe est facile à deviner.",
    breached: "Ce mot de passe figure dans une fuite de données, ici ou ailleurs. Ne l’utilisez nulle part.",
  },
  warnings: {
    straightRow: "Des touches alignées sont faciles à deviner.",
    keyPattern: "Les motifs courts au clavier sont faciles à deviner.",
    simpleRepeat: "Les caractères répétés, comme « aaa », sont faciles à deviner.",
    extendedRepeat: "Les motifs répétés, comme « abcabc », sont faciles à deviner.",
    sequences: "Les suites, comme « abc » ou « 123 », sont faciles à deviner.",
    recentYears: "Les années récentes sont faciles à deviner.",
    dates: "Les dates sont faciles à deviner.",
    topTen: "C’est l’un des mots de passe les plus courants.",
    topHundred: "C’est un mot de passe très courant.",
    common: "C’est un mot de passe courant.",
    similarToCommon: "C’est presque un mot de passe courant.",
    wordByItself: "Un seul mot est facile à deviner.",
    namesByThemselves: "Un nom seul est facile à deviner.",
    commonNames: "Les noms courants sont faciles à deviner.",
    userInputs: "Votre nom, votre adresse et le nom de ce service sont faciles à deviner.",
  },
  suggestions: {
    l33t: "Mettre « @ » pour « a » et ainsi de suite n’aide guère.",
    reverseWords: "Un mot écrit à l’envers n’est guère plus difficile à deviner.",
    allUppercase: "Tout écrire en majuscules n’aide guère.",
    capitalization: "Une majuscule au début n’aide guère.",
    dates: "Évitez les dates qui vous concernent.",
    recentYears: "Évitez les années récentes.",
    associatedYears: "Évitez les années qui vous concernent.",
    sequences: "Évitez les suites de caractères.",
    repeated: "Évitez les répétitions.",
    longerKeyboardPattern: "Utilisez des motifs plus longs, qui changent souvent de direction.",
    anotherWord: "Ajoutez d’autres mots sans rapport entre eux.",
    useWords: "Utilisez plusieurs mots sans rapport entre eux.",
    noNeed: "Symboles, chiffres et majuscules ne sont pas nécessaires.",
  },
};
