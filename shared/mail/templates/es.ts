import type { Words } from "./words.ts";

/** Spanish, in the polite form. */
export const es: Words = {
  hello: "Hola, {name}:",
  helloWithoutName: "Hola:",
  colon: ": ",
  labels: {
    newAddress: "Nueva dirección",
    device: "Dispositivo",
    ipAddress: "Dirección IP",
    time: "Fecha y hora",
    provider: "Proveedor",
    name: "Nombre",
  },
  footer: {
    automatic: "{product} ha enviado este mensaje automáticamente.",
    support: "¿Tiene alguna pregunta? Escriba a {address}.",
  },
  ignore: "Si no ha sido usted, no haga caso de este mensaje.",
  notYou:
    "Si no ha sido usted, elija cuanto antes una nueva contraseña con «He olvidado mi contraseña», en la página de inicio de sesión. Con ello se cerrará también la sesión en todos los dispositivos.",

  verify_email: {
    subject: "Confirme su dirección de correo para {product}",
    lead: "Se ha registrado en {product} con esta dirección. Confirme que es suya, por favor.",
    link: "Confirmar la dirección",
    code: "También puede introducir este código donde se registró:",
    lifetime: "El enlace y el código son válidos durante {duration}.",
  },
  already_registered: {
    subject: "Ya tiene una cuenta de {product}",
    lead: "Alguien, probablemente usted, ha intentado registrarse en {product} con esta dirección. Ya existe una cuenta con ella y no se ha cambiado nada en esa cuenta.",
    advice: "Basta con que inicie sesión. Si no recuerda su contraseña, elija «He olvidado mi contraseña».",
  },
  reset_password: {
    subject: "Elija una nueva contraseña para {product}",
    lead: "Alguien, probablemente usted, ha pedido una nueva contraseña para su cuenta de {product}.",
    link: "Elegir una nueva contraseña",
    lifetime:
      "El enlace es válido durante {duration} y solo se puede usar una vez. Con la nueva contraseña se cerrará la sesión en todos los dispositivos donde esté abierta.",
    ignore: "Si no ha sido usted, no haga caso de este mensaje: su contraseña no cambiará.",
  },
  password_compromised: {
    subject: "Su contraseña de {product} es conocida: elija otra",
    lead: "Alguien, probablemente usted, acaba de intentar iniciar sesión en su cuenta de {product} con la contraseña correcta. Esa contraseña aparece en una filtración de datos, aquí o en otro lugar, así que ya no permite entrar a nadie. Elija otra ahora.",
    link: "Elegir una nueva contraseña",
    lifetime:
      "El enlace es válido durante {duration} y solo se puede usar una vez. Con la nueva contraseña se cerrará la sesión en todos los dispositivos donde esté abierta.",
    advice: "Si usa la contraseña anterior en otro sitio, cámbiela también allí.",
  },
  password_changed: {
    subject: "Su contraseña de {product} ha cambiado",
    changed:
      "Se ha cambiado la contraseña de su cuenta de {product}. Se ha cerrado la sesión en sus demás dispositivos.",
    reset:
      "Se ha restablecido la contraseña de su cuenta de {product}. Se ha cerrado la sesión en todos los dispositivos.",
  },
  confirm_email: {
    subject: "Confirme su nueva dirección de correo para {product}",
    lead: "Esta va a ser la nueva dirección de su cuenta de {product}. Confirme que es suya, por favor. Hasta entonces, la cuenta conserva la dirección anterior.",
    link: "Confirmar la nueva dirección",
    lifetime: "El enlace es válido durante {duration}.",
  },
  email_change_requested: {
    subject: "Nueva dirección de correo para su cuenta de {product}",
    lead: "Alguien, probablemente usted, quiere cambiar la dirección de su cuenta de {product}.",
    effect: "El cambio tendrá efecto cuando se confirme desde la nueva dirección. Hasta entonces, nada cambia.",
  },
  email_changed: {
    subject: "Su cuenta de {product} tiene una nueva dirección de correo",
    lead: "Se ha cambiado la dirección de su cuenta de {product}. A partir de ahora, los mensajes sobre la cuenta se enviarán a la nueva dirección.",
    undo: "Si no ha sido usted, deshaga el cambio. La cuenta volverá a tener esta dirección, se cerrará la sesión en todos los dispositivos y usted elegirá una nueva contraseña.",
    link: "Deshacer el cambio",
    lifetime: "Puede deshacerlo hasta el {until}.",
  },
  email_change_undone: {
    subject: "Su cuenta de {product} vuelve a tener su dirección anterior",
    lead: "Su cuenta de {product} ya no tiene esta dirección de correo: se ha deshecho un cambio de dirección y la cuenta vuelve a tener su dirección anterior. Ya no puede iniciar sesión con esta dirección, y los mensajes sobre la cuenta se enviarán a la anterior.",
    advice:
      "Si no ha sido usted, otra persona puede leer el correo de la dirección anterior. Proteja primero ese buzón y elija después una nueva contraseña para la cuenta.",
  },
  new_device: {
    subject: "Nuevo inicio de sesión en su cuenta de {product}",
    lead: "Alguien ha iniciado sesión en su cuenta de {product} desde un dispositivo que no se había usado antes con ella.",
    ignore: "Si ha sido usted, no tiene que hacer nada.",
    notMe: "Si no ha sido usted, elija una nueva contraseña. Con ello se cerrará la sesión en todos los dispositivos.",
    link: "No he sido yo",
    lifetime:
      "El enlace es válido durante {duration}. Después, use «He olvidado mi contraseña» en la página de inicio de sesión.",
  },
  sign_in_attempts: {
    subject: "Alguien intenta iniciar sesión en su cuenta de {product}",
    lead: "Alguien ha intentado muchas veces iniciar sesión en su cuenta de {product} con contraseñas incorrectas. No lo ha conseguido.",
    effect:
      "En los dispositivos en los que ya ha iniciado sesión, todo funciona como siempre. Si los intentos continúan, se rechazarán los demás dispositivos, incluso con la contraseña correcta.",
    advice:
      "Si no puede iniciar sesión en un dispositivo nuevo, o si alguien puede conocer su contraseña, elija una nueva: use «He olvidado mi contraseña» en la página de inicio de sesión.",
  },
  session_reused: {
    subject: "Hemos cerrado su sesión de {product} en un dispositivo",
    lead: "Su sesión de {product} en un dispositivo se ha usado por segunda vez, como ocurre cuando alguien la ha copiado. Por seguridad, la hemos cerrado.",
    advice:
      "Puede volver a iniciar sesión en ese dispositivo. Si no sabe qué ha ocurrido, elija también una nueva contraseña.",
  },
  identity_linked: {
    subject: "Una nueva forma de iniciar sesión en {product}",
    lead: "Ahora también puede iniciar sesión en su cuenta de {product} con este proveedor.",
  },
  identity_unlinked: {
    subject: "Se ha quitado una forma de iniciar sesión en {product}",
    lead: "Ya no puede iniciar sesión en su cuenta de {product} con este proveedor.",
  },
  factor_added: {
    subject: "Su cuenta de {product} tiene un segundo factor",
    lead: "Se ha añadido una aplicación de autenticación a su cuenta de {product}. A partir de ahora, para iniciar sesión hace falta también un código de una de esas aplicaciones.",
    advice:
      "Cree códigos de recuperación, si aún no tiene, y guárdelos donde los encuentre sin su teléfono: con ellos podrá entrar si lo pierde.",
  },
  factor_removed: {
    subject: "Se ha eliminado un segundo factor de su cuenta de {product}",
    lead: "Se ha eliminado una aplicación de autenticación de su cuenta de {product}. Se ha cerrado la sesión en sus demás dispositivos.",
    last: "Era la última: para iniciar sesión ya no hace falta un segundo factor, y los códigos de recuperación ya no son válidos.",
    others: "Para iniciar sesión sigue haciendo falta un código de otra de sus aplicaciones.",
  },
  passkey_added: {
    subject: "Una llave de acceso puede iniciar sesión en su cuenta de {product}",
    lead: "Se ha añadido una llave de acceso a su cuenta de {product}. Quien la tenga puede iniciar sesión con ella, sin la contraseña.",
    advice: "Una contraseña nueva no la anula: si no conoce esta llave de acceso, elimínela también de su cuenta.",
  },
  passkey_removed: {
    subject: "Se ha eliminado una llave de acceso de su cuenta de {product}",
    lead: "Se ha eliminado una llave de acceso de su cuenta de {product}: ya no sirve para iniciar sesión. Se ha cerrado la sesión en sus demás dispositivos.",
  },
  recovery_codes_made: {
    subject: "Nuevos códigos de recuperación para su cuenta de {product}",
    lead: "Se han creado nuevos códigos de recuperación para su cuenta de {product}. Los anteriores ya no son válidos.",
  },
  recovery_code_used: {
    subject: "Se ha usado un código de recuperación de su cuenta de {product}",
    lead: "Alguien, probablemente usted, ha usado un código de recuperación de su cuenta de {product}.",
    left: "Códigos de recuperación restantes: {left}.",
    advice:
      "Si quedan pocos, cree otros nuevos. Si ha perdido el teléfono con su aplicación de autenticación, elimine esa aplicación de su cuenta.",
  },
  second_factor_attempts: {
    subject: "Puede que alguien conozca su contraseña de {product}",
    lead: "Alguien ha llegado hasta el segundo factor de su cuenta de {product} y después ha escrito códigos incorrectos. No ha conseguido entrar. Si fue usted, no tiene que hacer nada.",
    advice:
      "Si no fue usted, alguien conoce su contraseña: elija una nueva ahora, con «He olvidado mi contraseña» donde inicia sesión.",
  },
  sign_in_code: {
    subject: "Su código para iniciar sesión en {product}",
    lead: "Alguien, probablemente usted, está iniciando sesión en su cuenta de {product} y ha escrito la contraseña. Para continuar, escriba este código:",
    lifetime:
      "Sirve una sola vez y durante diez minutos como máximo. Un código más reciente lo anula. No se lo dé a nadie: {product} nunca lo pide por correo ni por teléfono.",
  },
  deletion_requested: {
    subject: "Su cuenta de {product} se va a eliminar",
    lead: "Su cuenta de {product} se ha desactivado, como usted pidió, y se ha cerrado la sesión en todos los dispositivos. Todos los datos de la cuenta se borrarán el {date}.",
    cancel: "Si quiere conservar la cuenta, inicie sesión antes de esa fecha: se le ofrecerá cancelar la eliminación.",
  },
  deletion_cancelled: {
    subject: "Su cuenta de {product} se conserva",
    lead: "Se ha cancelado la eliminación de su cuenta de {product}. Puede iniciar sesión como antes.",
  },
};
