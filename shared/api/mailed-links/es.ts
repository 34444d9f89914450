import type { LinkTexts } from "./link-texts.ts";

/** Texts for mailed-link pages. */
export const es: LinkTexts = {
  email: "Dirección de correo",
  verify: {
    title: "Confirme su dirección de correo",
    text: "Pulse el botón si se ha registrado aquí con esta dirección. Si no, cierre esta página: no ocurrirá nada.",
    button: "Confirmar la dirección",
  },
  verified: { title: "Su dirección está confirmada", text: "Puede cerrar esta página e iniciar sesión." },
  reset: { title: "Elija una contraseña nueva", password: "Contraseña nueva", button: "Guardar la contraseña" },
  passwordRule: (minLength) =>
    `Al menos ${minLength} caracteres y como máximo 1024 bytes. Una frase es una buena contraseña.`,
  resetDone: {
    title: "Su contraseña ha cambiado",
    text: "Se ha cerrado la sesión en todos sus dispositivos. Inicie sesión con la contraseña nueva.",
  },
  dead: {
    title: "Este enlace ya no es válido",
    text: "Un enlace sirve una sola vez y durante un tiempo limitado, y un correo más reciente lo anula. Escriba su dirección y recibirá un correo nuevo.",
    button: "Enviar un correo nuevo",
  },
  sent: {
    title: "Revise su correo",
    text: "Si esta dirección está registrada aquí, un correo con un enlace nuevo está en camino. Mire también en la carpeta de correo no deseado.",
  },
  wrongEmail: "Escriba una dirección de correo, por ejemplo nombre@example.com.",
  failed: { title: "No ha funcionado", text: "Vuelva atrás e inténtelo de nuevo en un momento." },
};
