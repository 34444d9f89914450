import type { Words } from "./words.ts";

/** French, in the polite form; a no-break space before what French sets apart. */
export const fr: Words = {
  hello: "Bonjour {name},",
  helloWithoutName: "Bonjour,",
  colon: " : ",
  labels: {
    newAddress: "Nouvelle adresse",
    device: "Appareil",
    ipAddress: "Adresse IP",
    time: "Date et heure",
    provider: "Fournisseur",
    name: "Nom",
  },
  footer: {
    automatic: "Ce message a été envoyé automatiquement par {product}.",
    support: "Une question ? Écrivez à {address}.",
  },
  ignore: "Si vous n’êtes pas à l’origine de cette demande, ignorez ce message.",
  notYou:
    "Si ce n’était pas vous, choisissez sans attendre un nouveau mot de passe avec « Mot de passe oublié », sur la page de connexion. Tous les appareils seront alors déconnectés.",

  verify_email: {
    subject: "Confirmez votre adresse e-mail pour {product}",
    lead: "Votre inscription à {product} est presque terminée : il reste à confirmer que cette adresse est bien la vôtre.",
    link: "Confirmer l’adresse",
    code: "Vous pouvez aussi saisir ce code sur la page d’inscription :",
    lifetime: "Le lien et le code sont valables {duration}.",
  },
  already_registered: {
    subject: "Vous avez déjà un compte {product}",
    lead: "Quelqu’un, sans doute vous, a voulu s’inscrire à {product} avec cette adresse. Un compte existe déjà à cette adresse ; il n’a pas été modifié.",
    advice:
      "Il vous suffit de vous connecter. Si vous ne connaissez plus votre mot de passe, choisissez « Mot de passe oublié ».",
  },
  reset_password: {
    subject: "Choisissez un nouveau mot de passe pour {product}",
    lead: "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour votre compte {product}.",
    link: "Choisir un nouveau mot de passe",
    lifetime:
      "Le lien est valable {duration} et ne sert qu’une fois. Le nouveau mot de passe déconnectera tous les appareils actuellement connectés.",
    ignore: "Si vous n’êtes pas à l’origine de cette demande, ignorez ce message : votre mot de passe reste inchangé.",
  },
  password_compromised: {
    subject: "Votre mot de passe {product} est connu : choisissez-en un autre",
    lead: "Quelqu’un, sans doute vous, vient de saisir le bon mot de passe de votre compte {product}. Or ce mot de passe figure dans une fuite de données, ici ou ailleurs : il ne permet plus de se connecter. Choisissez-en un autre dès maintenant.",
    link: "Choisir un nouveau mot de passe",
    lifetime:
      "Le lien est valable {duration} et ne sert qu’une fois. Le nouveau mot de passe déconnectera tous les appareils actuellement connectés.",
    advice: "Si vous utilisez l’ancien mot de passe ailleurs, changez-le là aussi.",
  },
  password_changed: {
    subject: "Votre mot de passe {product} a été modifié",
    changed: "Le mot de passe de votre compte {product} a été modifié. Vos autres appareils ont été déconnectés.",
    reset: "Le mot de passe de votre compte {product} a été réinitialisé. Tous les appareils ont été déconnectés.",
  },
  confirm_email: {
    subject: "Confirmez votre nouvelle adresse e-mail pour {product}",
    lead: "Cette adresse doit devenir celle de votre compte {product}. Veuillez confirmer qu’elle est bien la vôtre. D’ici là, le compte garde son ancienne adresse.",
    link: "Confirmer la nouvelle adresse",
    lifetime: "Le lien est valable {duration}.",
  },
  email_change_requested: {
    subject: "Nouvelle adresse e-mail pour votre compte {product}",
    lead: "Quelqu’un, sans doute vous, souhaite changer l’adresse de votre compte {product}.",
    effect: "Le changement prendra effet une fois confirmé depuis la nouvelle adresse. D’ici là, rien ne change.",
  },
  email_changed: {
    subject: "L’adresse e-mail de votre compte {product} a changé",
    lead: "L’adresse de votre compte {product} a été modifiée. Les messages concernant ce compte seront désormais envoyés à la nouvelle adresse.",
    undo: "Si ce n’était pas vous, annulez ce changement. Le compte retrouvera cette adresse, tous les appareils seront déconnectés et vous choisirez un nouveau mot de passe.",
    link: "Annuler le changement",
    lifetime: "Vous pouvez l’annuler jusqu’au {until}.",
  },
  email_change_undone: {
    subject: "Votre compte {product} a retrouvé son ancienne adresse",
    lead: "Votre compte {product} n’a plus cette adresse e-mail : un changement d’adresse a été annulé et le compte a retrouvé son ancienne adresse. Vous ne pouvez plus vous connecter avec cette adresse, et les messages concernant ce compte seront envoyés à l’ancienne.",
    advice:
      "Si ce n’était pas vous, quelqu’un d’autre peut lire les messages envoyés à l’ancienne adresse. Sécurisez d’abord cette boîte aux lettres, puis choisissez un nouveau mot de passe pour le compte.",
  },
  new_device: {
    subject: "Nouvelle connexion à votre compte {product}",
    lead: "Quelqu’un s’est connecté à votre compte {product} depuis un appareil qui n’avait encore jamais servi pour ce compte.",
    ignore: "Si c’était vous, vous n’avez rien à faire.",
    notMe: "Si ce n’était pas vous, choisissez un nouveau mot de passe. Tous les appareils seront alors déconnectés.",
    link: "Ce n’était pas moi",
    lifetime:
      "Le lien est valable {duration}. Passé ce délai, choisissez « Mot de passe oublié » sur la page de connexion.",
  },
  sign_in_attempts: {
    subject: "Quelqu’un essaie de se connecter à votre compte {product}",
    lead: "Quelqu’un a essayé à de nombreuses reprises de se connecter à votre compte {product} avec de faux mots de passe, sans y parvenir.",
    effect:
      "Sur les appareils qui vous ont déjà servi à vous connecter, rien ne change. Si les tentatives continuent, les autres appareils seront refusés, même avec le bon mot de passe.",
    advice:
      "Si vous ne pouvez pas vous connecter sur un nouvel appareil, ou si quelqu’un connaît peut-être votre mot de passe, choisissez-en un nouveau : « Mot de passe oublié » sur la page de connexion.",
  },
  session_reused: {
    subject: "Nous avons déconnecté un appareil de {product}",
    lead: "Votre connexion à {product} sur un appareil a été utilisée une seconde fois, comme cela arrive lorsque quelqu’un l’a copiée. Par précaution, nous y avons mis fin.",
    advice:
      "Vous pouvez vous reconnecter sur cet appareil. Si vous ne savez pas ce qui s’est passé, choisissez aussi un nouveau mot de passe.",
  },
  identity_linked: {
    subject: "Un nouveau moyen de vous connecter à {product}",
    lead: "Vous pouvez désormais vous connecter aussi à votre compte {product} avec ce fournisseur.",
  },
  identity_unlinked: {
    subject: "Un moyen de vous connecter à {product} a été supprimé",
    lead: "Vous ne pouvez plus vous connecter à votre compte {product} avec ce fournisseur.",
  },
  factor_added: {
    subject: "Votre compte {product} a un second facteur",
    lead: "Une application d’authentification a été ajoutée à votre compte {product}. Désormais, la connexion demande aussi un code d’une telle application.",
    advice:
      "Créez des codes de récupération si vous n’en avez pas encore, et gardez-les là où vous les trouverez sans votre téléphone : ils vous permettront d’entrer si vous le perdez.",
  },
  factor_removed: {
    subject: "Un second facteur de votre compte {product} a été supprimé",
    lead: "Une application d’authentification a été supprimée de votre compte {product}. Vos autres appareils ont été déconnectés.",
    last: "C’était la dernière : la connexion ne demande plus de second facteur, et les codes de récupération ne sont plus valables.",
    others: "La connexion demande toujours un code de l’une de vos autres applications.",
  },
  passkey_added: {
    subject: "Une clé d’accès permet de se connecter à votre compte {product}",
    lead: "Une clé d’accès a été ajoutée à votre compte {product}. Qui la possède peut se connecter sans mot de passe.",
    advice:
      "Un nouveau mot de passe n’y met pas fin : si vous ne connaissez pas cette clé d’accès, supprimez-la aussi de votre compte.",
  },
  passkey_removed: {
    subject: "Une clé d’accès de votre compte {product} a été supprimée",
    lead: "Une clé d’accès a été supprimée de votre compte {product} : elle ne permet plus de se connecter. Vos autres appareils ont été déconnectés.",
  },
  recovery_codes_made: {
    subject: "Nouveaux codes de récupération pour votre compte {product}",
    lead: "De nouveaux codes de récupération ont été créés pour votre compte {product}. Les précédents ne sont plus valables.",
  },
  recovery_code_used: {
    subject: "Un code de récupération de votre compte {product} a été utilisé",
    lead: "Quelqu’un, sans doute vous, a utilisé un code de récupération de votre compte {product}.",
    left: "Codes de récupération restants : {left}.",
    advice:
      "S’il en reste peu, créez-en de nouveaux. Si vous avez perdu le téléphone où se trouve votre application d’authentification, supprimez cette application de votre compte.",
  },
  second_factor_attempts: {
    subject: "Quelqu’un connaît peut-être votre mot de passe {product}",
    lead: "Quelqu’un est arrivé jusqu’au second facteur de votre compte {product}, puis a saisi des codes erronés. Personne n’est entré. Si c’était vous, vous n’avez rien à faire.",
    advice:
      "Si ce n’était pas vous, quelqu’un connaît votre mot de passe : choisissez-en un nouveau maintenant, avec « Mot de passe oublié » là où vous vous connectez.",
  },
  sign_in_code: {
    subject: "Votre code pour vous connecter à {product}",
    lead: "Quelqu’un, probablement vous, est en train de se connecter à votre compte {product} et a saisi le mot de passe. Pour continuer, saisissez ce code :",
    lifetime:
      "Il ne sert qu’une fois et reste valable dix minutes au plus. Un code plus récent l’annule. Ne le donnez à personne : {product} ne le demande jamais par e-mail ni par téléphone.",
  },
  deletion_requested: {
    subject: "Votre compte {product} va être supprimé",
    lead: "Votre compte {product} a été désactivé à votre demande et tous les appareils ont été déconnectés. Toutes les données du compte seront effacées le {date}.",
    cancel:
      "Si vous souhaitez garder ce compte, connectez-vous avant cette date : il vous sera proposé d’annuler la suppression.",
  },
  deletion_cancelled: {
    subject: "Votre compte {product} est conservé",
    lead: "La suppression de votre compte {product} a été annulée. Vous pouvez vous connecter comme avant.",
  },
};
