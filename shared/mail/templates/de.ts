import type { Words } from "./words.ts";

/** German, in the polite form. */
export const de: Words = {
  hello: "Guten Tag, {name}!",
  helloWithoutName: "Guten Tag!",
  colon: ": ",
  labels: {
    newAddress: "Neue Adresse",
    device: "Gerät",
    ipAddress: "IP-Adresse",
    time: "Zeit",
    provider: "Anbieter",
    name: "Name",
  },
  footer: {
    automatic: "Diese E-Mail wurde von {product} automatisch verschickt.",
    support: "Fragen? Schreiben Sie an {address}.",
  },
  ignore: "Wenn Sie das nicht waren, brauchen Sie nichts zu tun.",
  notYou:
    "Wenn Sie das nicht waren, wählen Sie sofort ein neues Passwort: mit „Passwort vergessen“ bei der Anmeldung. Dadurch werden auch alle Geräte abgemeldet.",

  verify_email: {
    subject: "Bestätigen Sie Ihre E-Mail-Adresse für {product}",
    lead: "Sie haben sich mit dieser Adresse bei {product} registriert. Bitte bestätigen Sie, dass sie Ihnen gehört.",
    link: "Adresse bestätigen",
    code: "Oder geben Sie dort, wo Sie sich registriert haben, diesen Code ein:",
    lifetime: "Der Link und der Code sind {duration} gültig.",
  },
  already_registered: {
    subject: "Sie haben bereits ein Konto bei {product}",
    lead: "Jemand, vermutlich Sie selbst, wollte sich mit dieser Adresse bei {product} registrieren. Mit ihr gibt es bereits ein Konto; an diesem Konto hat sich nichts geändert.",
    advice:
      "Melden Sie sich einfach an. Falls Sie Ihr Passwort nicht mehr wissen, wählen Sie dort „Passwort vergessen“.",
  },
  reset_password: {
    subject: "Neues Passwort für {product}",
    lead: "Jemand, vermutlich Sie selbst, hat für Ihr Konto bei {product} ein neues Passwort angefordert.",
    link: "Neues Passwort wählen",
    lifetime:
      "Der Link ist {duration} gültig und kann nur einmal benutzt werden. Mit dem neuen Passwort werden alle Geräte abgemeldet, die jetzt angemeldet sind.",
    ignore: "Wenn Sie das nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
  },
  password_compromised: {
    subject: "Ihr Passwort für {product} ist bekannt: Wählen Sie ein neues",
    lead: "Jemand, vermutlich Sie selbst, wollte sich soeben bei {product} anmelden und kannte Ihr Passwort. Es ist aus einem Datenleck bekannt, hier oder anderswo. Darum kommt damit niemand mehr hinein. Wählen Sie jetzt ein anderes.",
    link: "Neues Passwort wählen",
    lifetime:
      "Der Link ist {duration} gültig und kann nur einmal benutzt werden. Mit dem neuen Passwort werden alle Geräte abgemeldet, die jetzt angemeldet sind.",
    advice: "Wenn Sie das alte Passwort noch anderswo benutzen, ändern Sie es auch dort.",
  },
  password_changed: {
    subject: "Ihr Passwort für {product} wurde geändert",
    changed: "Das Passwort Ihres Kontos bei {product} wurde geändert. Ihre anderen Geräte wurden abgemeldet.",
    reset: "Das Passwort Ihres Kontos bei {product} wurde zurückgesetzt. Alle Geräte wurden abgemeldet.",
  },
  confirm_email: {
    subject: "Bestätigen Sie Ihre neue E-Mail-Adresse für {product}",
    lead: "Dies soll die neue Adresse Ihres Kontos bei {product} werden. Bitte bestätigen Sie, dass sie Ihnen gehört. Bis dahin behält das Konto seine bisherige Adresse.",
    link: "Neue Adresse bestätigen",
    lifetime: "Der Link ist {duration} gültig.",
  },
  email_change_requested: {
    subject: "Neue E-Mail-Adresse für Ihr Konto bei {product}",
    lead: "Jemand, vermutlich Sie selbst, möchte die Adresse Ihres Kontos bei {product} ändern.",
    effect:
      "Die Änderung wird wirksam, sobald sie von der neuen Adresse aus bestätigt ist. Bis dahin ändert sich nichts.",
  },
  email_changed: {
    subject: "Ihr Konto bei {product} hat eine neue E-Mail-Adresse",
    lead: "Die Adresse Ihres Kontos bei {product} wurde geändert. E-Mails zu diesem Konto gehen ab jetzt an die neue Adresse.",
    undo: "Wenn Sie das nicht waren, machen Sie die Änderung rückgängig. Das Konto hat dann wieder diese Adresse, alle Geräte werden abgemeldet, und Sie wählen ein neues Passwort.",
    link: "Änderung rückgängig machen",
    lifetime: "Rückgängig machen können Sie sie bis {until}.",
  },
  email_change_undone: {
    subject: "Ihr Konto bei {product} hat wieder die frühere Adresse",
    lead: "Ihr Konto bei {product} hat diese E-Mail-Adresse nicht mehr: Eine Änderung der Adresse wurde rückgängig gemacht, und das Konto hat wieder die frühere. Mit dieser Adresse können Sie sich nicht mehr anmelden, und E-Mails zu diesem Konto gehen an die frühere.",
    advice:
      "Wenn Sie das nicht waren, kann jemand anders die E-Mails an die frühere Adresse lesen. Sichern Sie zuerst jenes Postfach, und wählen Sie dann ein neues Passwort für das Konto.",
  },
  new_device: {
    subject: "Neue Anmeldung an Ihrem Konto bei {product}",
    lead: "Jemand hat sich an Ihrem Konto bei {product} auf einem Gerät angemeldet, das dafür bisher nicht benutzt wurde.",
    ignore: "Wenn Sie das waren, brauchen Sie nichts zu tun.",
    notMe: "Wenn Sie das nicht waren, wählen Sie ein neues Passwort. Dadurch werden alle Geräte abgemeldet.",
    link: "Das war ich nicht",
    lifetime: "Der Link ist {duration} gültig. Danach hilft „Passwort vergessen“ bei der Anmeldung.",
  },
  sign_in_attempts: {
    subject: "Jemand versucht, sich an Ihrem Konto bei {product} anzumelden",
    lead: "Jemand hat viele Male versucht, sich mit falschen Passwörtern an Ihrem Konto bei {product} anzumelden. Das ist nicht gelungen.",
    effect:
      "Auf Geräten, auf denen Sie sich schon einmal angemeldet haben, funktioniert alles wie immer. Gehen die Versuche weiter, werden andere Geräte abgewiesen, auch mit dem richtigen Passwort.",
    advice:
      "Wenn Sie sich auf einem neuen Gerät nicht anmelden können oder jemand Ihr Passwort kennen könnte, wählen Sie ein neues: mit „Passwort vergessen“ bei der Anmeldung.",
  },
  session_reused: {
    subject: "Wir haben ein Gerät von {product} abgemeldet",
    lead: "Ihre Anmeldung bei {product} auf einem Gerät wurde ein zweites Mal benutzt. Das geschieht zum Beispiel, wenn jemand sie kopiert hat. Zur Sicherheit haben wir sie beendet.",
    advice:
      "Sie können sich auf dem Gerät wieder anmelden. Wenn Sie nicht wissen, wie es dazu kam, wählen Sie auch ein neues Passwort.",
  },
  identity_linked: {
    subject: "Ein neuer Weg, sich bei {product} anzumelden",
    lead: "Sie können sich an Ihrem Konto bei {product} jetzt auch über diesen Anbieter anmelden.",
  },
  identity_unlinked: {
    subject: "Ein Weg, sich bei {product} anzumelden, wurde entfernt",
    lead: "Über diesen Anbieter können Sie sich an Ihrem Konto bei {product} nicht mehr anmelden.",
  },
  factor_added: {
    subject: "Ihr {product}-Konto hat einen zweiten Faktor",
    lead: "Zu Ihrem {product}-Konto wurde eine Authentifizierungs-App hinzugefügt. Ab jetzt braucht die Anmeldung auch einen Code einer solchen App.",
    advice:
      "Erstellen Sie Wiederherstellungscodes, falls Sie noch keine haben, und bewahren Sie sie so auf, dass Sie sie ohne Ihr Telefon finden: Mit ihnen kommen Sie hinein, wenn Sie es verlieren.",
  },
  factor_removed: {
    subject: "Ein zweiter Faktor Ihres {product}-Kontos wurde entfernt",
    lead: "Eine Authentifizierungs-App wurde von Ihrem {product}-Konto entfernt. Ihre anderen Geräte wurden abgemeldet.",
    last: "Es war die letzte: Die Anmeldung braucht keinen zweiten Faktor mehr, und die Wiederherstellungscodes gelten nicht mehr.",
    others: "Die Anmeldung braucht weiterhin einen Code einer Ihrer anderen Apps.",
  },
  passkey_added: {
    subject: "Ein Passkey kann sich bei Ihrem {product}-Konto anmelden",
    lead: "Zu Ihrem {product}-Konto wurde ein Passkey hinzugefügt. Wer ihn hat, kann sich damit ohne Passwort anmelden.",
    advice:
      "Ein neues Passwort beendet ihn nicht: Wenn Sie diesen Passkey nicht kennen, entfernen Sie ihn auch von Ihrem Konto.",
  },
  passkey_removed: {
    subject: "Ein Passkey Ihres {product}-Kontos wurde entfernt",
    lead: "Ein Passkey wurde von Ihrem {product}-Konto entfernt: Mit ihm ist keine Anmeldung mehr möglich. Ihre anderen Geräte wurden abgemeldet.",
  },
  recovery_codes_made: {
    subject: "Neue Wiederherstellungscodes für Ihr {product}-Konto",
    lead: "Für Ihr {product}-Konto wurden neue Wiederherstellungscodes erstellt. Frühere gelten nicht mehr.",
  },
  recovery_code_used: {
    subject: "Ein Wiederherstellungscode Ihres {product}-Kontos wurde verwendet",
    lead: "Jemand, vermutlich Sie, hat einen Wiederherstellungscode Ihres {product}-Kontos verwendet.",
    left: "Verbleibende Wiederherstellungscodes: {left}.",
    advice:
      "Wenn wenige übrig sind, erstellen Sie neue. Wenn Sie das Telefon mit Ihrer Authentifizierungs-App verloren haben, entfernen Sie diese App aus Ihrem Konto.",
  },
  second_factor_attempts: {
    subject: "Jemand kennt vielleicht Ihr {product}-Passwort",
    lead: "Jemand ist bei der Anmeldung an Ihrem {product}-Konto bis zum zweiten Faktor gekommen und hat dann falsche Codes eingegeben. Hineingekommen ist niemand. Wenn Sie es waren, brauchen Sie nichts zu tun.",
    advice:
      "Wenn Sie es nicht waren, kennt jemand Ihr Passwort: Wählen Sie jetzt ein neues, mit „Passwort vergessen“ dort, wo Sie sich anmelden.",
  },
  sign_in_code: {
    subject: "Ihr Code für die Anmeldung bei {product}",
    lead: "Jemand, vermutlich Sie, meldet sich gerade bei Ihrem {product}-Konto an und hat das Passwort eingegeben. Mit diesem Code geht es weiter:",
    lifetime:
      "Der Code gilt einmal und höchstens zehn Minuten. Ein neuerer Code macht ihn ungültig. Geben Sie ihn niemandem: {product} fragt nie per E-Mail oder Telefon danach.",
  },
  deletion_requested: {
    subject: "Ihr Konto bei {product} wird gelöscht",
    lead: "Ihr Konto bei {product} wurde auf Ihren Wunsch deaktiviert, und alle Geräte wurden abgemeldet. Alle Daten des Kontos werden am {date} gelöscht.",
    cancel: "Wenn Sie das Konto behalten möchten, melden Sie sich vorher an: Sie können die Löschung dann abbrechen.",
  },
  deletion_cancelled: {
    subject: "Ihr Konto bei {product} bleibt bestehen",
    lead: "Die Löschung Ihres Kontos bei {product} wurde abgebrochen. Sie können sich wie bisher anmelden.",
  },
};
