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
  change: {
    title: "Confirme su nueva dirección de correo",
    text: "Pulse el botón para que esta sea la dirección de su cuenta. Si no lo ha pedido, cierre esta página: no ocurrirá nada.",
    button: "Usar esta dirección",
  },
  changed: {
    title: "Su dirección ha cambiado",
    text: "A partir de ahora, inicie sesión con la dirección nueva. Un correo enviado a la anterior explica cómo deshacer el cambio.",
  },
  undo: {
    title: "Deshaga el cambio de su dirección",
    text: "Pulse el botón para recuperar esta dirección. Se cerrará la sesión en todos los dispositivos, se eliminarán la contraseña y todos los inicios de sesión vinculados, y después elegirá una contraseña nueva.",
    button: "Recuperar esta dirección",
  },
  taken: {
    title: "Otra cuenta tiene esta dirección",
    text: "No se ha cambiado nada. Si esa cuenta también es suya, asígnele primero otra dirección y abra de nuevo el enlace.",
  },
  changeDead: {
    title: "Este enlace ya no es válido",
    text: "Un enlace sirve una sola vez y durante un tiempo limitado, y un correo más reciente lo anula. Inicie sesión y cambie de nuevo su dirección para recibir un correo nuevo.",
  },
  sent: {
    title: "Revise su correo",
    text: "Si esta dirección está registrada aquí, un correo con un enlace nuevo está en camino. Mire también en la carpeta de correo no deseado.",
  },
  wrongEmail: "Escriba una dirección de correo, por ejemplo nombre@example.com.",
  onward: { account: "Ir a su cuenta", app: (app) => `Continuar a ${app}` },
  tooLong: {
    title: "Es demasiado largo",
    text: "Lo que ha escrito es demasiado largo y no se ha aceptado. Vuelva atrás y escriba algo más corto.",
  },
  misshapen: {
    title: "No se ha aceptado este formulario",
    text: "No ha llegado tal como lo envía esta página. Abra la página de nuevo y use su formulario en el navegador.",
  },
  failed: { title: "No ha funcionado", text: "Vuelva atrás e inténtelo de nuevo en un momento." },
};
