import type { FeedbackWords } from "./words.ts";

/** Spanish. */
export const es: FeedbackWords = {
  reasons: {
    too_short: "Una contraseña necesita al menos {least} caracteres.",
    common: "Mucha gente usa esta contraseña, por eso se prueba de las primeras.",
    context: "Su nombre, su dirección y el nombre de este servicio son fáciles de adivinar.",
    too_weak: "Esta contraseña es fácil de adivinar.",
    breached: "Esta contraseña aparece en una filtración de datos, aquí o en otro lugar. No la use en ninguna parte.",
  },
  warnings: {
    straightRow: "Las teclas seguidas son fáciles de adivinar.",
    keyPattern: "Los patrones cortos del teclado son fáciles de adivinar.",
    simpleRepeat: "Los caracteres repetidos, como «aaa», son fáciles de adivinar.",
    extendedRepeat: "Los patrones repetidos, como «abcabc», son fáciles de adivinar.",
    sequences: "Las secuencias, como «abc» o «123», son fáciles de adivinar.",
    recentYears: "Los años recientes son fáciles de adivinar.",
    dates: "Las fechas son fáciles de adivinar.",
    topTen: "Es una de las contraseñas más comunes.",
    topHundred: "Es una contraseña muy común.",
    common: "Es una contraseña común.",
    similarToCommon: "Es casi una contraseña común.",
    wordByItself: "Una sola palabra es fácil de adivinar.",
    namesByThemselves: "Un nombre solo es fácil de adivinar.",
    commonNames: "Los nombres comunes son fáciles de adivinar.",
    userInputs: "Su nombre, su dirección y el nombre de este servicio son fáciles de adivinar.",
  },
  suggestions: {
    l33t: "Poner «@» por «a» y cosas así apenas ayuda.",
    reverseWords: "Una palabra al revés apenas es más difícil de adivinar.",
    allUppercase: "Escribirlo todo en mayúsculas apenas ayuda.",
    capitalization: "Una mayúscula al principio apenas ayuda.",
    dates: "Evite las fechas que tengan que ver con usted.",
    recentYears: "Evite los años recientes.",
    associatedYears: "Evite los años que tengan que ver con usted.",
    sequences: "Evite las secuencias de caracteres.",
    repeated: "Evite las repeticiones.",
    longerKeyboardPattern: "Use patrones más largos que cambien a menudo de dirección.",
    anotherWord: "Añada más palabras que no tengan que ver entre sí.",
    useWords: "Use varias palabras que no tengan que ver entre sí.",
    noNeed: "No hacen falta símbolos, cifras ni mayúsculas.",
  },
};
