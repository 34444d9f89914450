import type { LinkTexts } from "./link-texts.ts";

/** Texts for mailed-link pages. */
export const de: LinkTexts = {
  email: "E-Mail-Adresse",
  verify: {
    title: "E-Mail-Adresse bestätigen",
    text: "Drücken Sie den Knopf, wenn Sie sich hier mit dieser Adresse registriert haben. Sonst schließen Sie die Seite: Dann geschieht nichts.",
    button: "Adresse bestätigen",
  },
  verified: { title: "Ihre Adresse ist bestätigt", text: "Sie können diese Seite schließen und sich anmelden." },
  reset: { title: "Neues Passwort wählen", password: "Neues Passwort", button: "Passwort speichern" },
  passwordRule: (minLength) =>
    `Mindestens ${minLength} Zeichen und höchstens 1024 Bytes. Ein Satz ist ein gutes Passwort.`,
  resetDone: {
    title: "Ihr Passwort ist geändert",
    text: "Sie sind auf allen Geräten abgemeldet. Melden Sie sich mit dem neuen Passwort an.",
  },
  dead: {
    title: "Dieser Link gilt nicht mehr",
    text: "Ein Link gilt einmal und für begrenzte Zeit, und eine neuere Mail beendet ihn. Geben Sie Ihre Adresse ein, dann bekommen Sie eine neue Mail.",
    button: "Neue Mail senden",
  },
  change: {
    title: "Neue E-Mail-Adresse bestätigen",
    text: "Drücken Sie den Knopf, damit Ihr Konto diese Adresse bekommt. Wenn Sie das nicht wollten, schließen Sie die Seite: Dann geschieht nichts.",
    button: "Diese Adresse verwenden",
  },
  changed: {
    title: "Ihre Adresse ist geändert",
    text: "Melden Sie sich ab jetzt mit der neuen Adresse an. In einer Mail an die alte steht, wie Sie die Änderung rückgängig machen.",
  },
  undo: {
    title: "Änderung Ihrer Adresse rückgängig machen",
    text: "Drücken Sie den Knopf, um diese Adresse zurückzubekommen. Damit werden alle Geräte abgemeldet und das Passwort und alle verknüpften Anmeldungen entfernt. Danach wählen Sie ein neues Passwort.",
    button: "Adresse wiederherstellen",
  },
  taken: {
    title: "Ein anderes Konto hat diese Adresse",
    text: "Es wurde nichts geändert. Wenn auch jenes Konto Ihnen gehört, geben Sie ihm zuerst eine andere Adresse und öffnen dann den Link noch einmal.",
  },
  changeDead: {
    title: "Dieser Link gilt nicht mehr",
    text: "Ein Link gilt einmal und für begrenzte Zeit, und eine neuere Mail beendet ihn. Melden Sie sich an und ändern Sie Ihre Adresse noch einmal, dann bekommen Sie eine neue Mail.",
  },
  sent: {
    title: "Sehen Sie in Ihr Postfach",
    text: "Wenn diese Adresse hier registriert ist, ist eine Mail mit einem neuen Link unterwegs. Sehen Sie auch im Spam-Ordner nach.",
  },
  wrongEmail: "Geben Sie eine E-Mail-Adresse ein, etwa name@example.com.",
  onward: { account: "Zu Ihrem Konto", app: (app) => `Weiter zu ${app}` },
  tooLong: {
    title: "Das ist zu lang",
    text: "Ihre Eingabe ist zu lang und wurde nicht angenommen. Gehen Sie zurück und geben Sie etwas Kürzeres ein.",
  },
  misshapen: {
    title: "Dieses Formular wurde nicht angenommen",
    text: "Es kam nicht so an, wie diese Seite es sendet. Öffnen Sie die Seite neu und benutzen Sie ihr Formular im Browser.",
  },
  failed: { title: "Das hat nicht geklappt", text: "Bitte gehen Sie zurück und versuchen Sie es gleich noch einmal." },
};
