import type { LinkTexts } from "./link-texts.ts";

/** Texts for mailed-link pages. */
export const fr: LinkTexts = {
  email: "Adresse e-mail",
  verify: {
    title: "Confirmez votre adresse e-mail",
    text: "Appuyez sur le bouton si vous vous êtes inscrit ici avec cette adresse. Sinon, fermez cette page : rien ne se passera.",
    button: "Confirmer l’adresse",
  },
  verified: { title: "Votre adresse est confirmée", text: "Vous pouvez fermer cette page et vous connecter." },
  reset: {
    title: "Choisissez un nouveau mot de passe",
    password: "Nouveau mot de passe",
    button: "Enregistrer le mot de passe",
  },
  passwordRule: (minLength) =>
    `Au moins ${minLength} caractères et au plus 1024 octets. Une phrase fait un bon mot de passe.`,
  resetDone: {
    title: "Votre mot de passe est changé",
    text: "Vous êtes déconnecté de tous vos appareils. Connectez-vous avec le nouveau mot de passe.",
  },
  dead: {
    title: "Ce lien n’est plus valable",
    text: "Un lien sert une seule fois et pendant un temps limité, et un e-mail plus récent l’annule. Saisissez votre adresse pour recevoir un nouvel e-mail.",
    button: "Envoyer un nouvel e-mail",
  },
  change: {
    title: "Confirmez votre nouvelle adresse e-mail",
    text: "Appuyez sur le bouton pour que cette adresse devienne celle de votre compte. Si vous ne l’avez pas demandé, fermez cette page : rien ne se passera.",
    button: "Utiliser cette adresse",
  },
  changed: {
    title: "Votre adresse est changée",
    text: "Connectez-vous désormais avec la nouvelle adresse. Un e-mail envoyé à l’ancienne explique comment annuler ce changement.",
  },
  undo: {
    title: "Annulez le changement de votre adresse",
    text: "Appuyez sur le bouton pour retrouver cette adresse. Tous les appareils seront déconnectés, le mot de passe et toutes les connexions associées seront supprimés, puis vous choisirez un nouveau mot de passe.",
    button: "Rétablir cette adresse",
  },
  taken: {
    title: "Un autre compte a cette adresse",
    text: "Rien n’a été changé. Si cet autre compte est aussi le vôtre, donnez-lui d’abord une autre adresse, puis ouvrez de nouveau le lien.",
  },
  changeDead: {
    title: "Ce lien n’est plus valable",
    text: "Un lien sert une seule fois et pendant un temps limité, et un e-mail plus récent l’annule. Connectez-vous et changez de nouveau votre adresse pour recevoir un nouvel e-mail.",
  },
  sent: {
    title: "Consultez votre messagerie",
    text: "Si cette adresse est inscrite ici, un e-mail avec un nouveau lien est en route. Regardez aussi dans les indésirables.",
  },
  wrongEmail: "Saisissez une adresse e-mail, par exemple nom@example.com.",
  onward: { account: "Accéder à votre compte", app: (app) => `Continuer vers ${app}` },
  tooLong: {
    title: "C’est trop long",
    text: "Votre saisie est trop longue et n’a pas été acceptée. Revenez en arrière et saisissez un texte plus court.",
  },
  misshapen: {
    title: "Ce formulaire n’a pas été accepté",
    text: "Il n’est pas arrivé tel que cette page l’envoie. Ouvrez de nouveau la page et utilisez son formulaire dans votre navigateur.",
  },
  failed: { title: "Cela n’a pas fonctionné", text: "Revenez en arrière et réessayez dans un instant." },
};
