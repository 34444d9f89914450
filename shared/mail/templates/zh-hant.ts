import type { Words } from "./words.ts";

/** Traditional Chinese as it is written in Taiwan, in the polite form; a space between Chinese and Latin text. */
export const zhHant: Words = {
  hello: "{name} 您好：",
  helloWithoutName: "您好：",
  colon: "：",
  labels: {
    newAddress: "新的電子郵件地址",
    device: "裝置",
    ipAddress: "IP 位址",
    time: "時間",
    provider: "登入服務",
    name: "名稱",
  },
  footer: {
    automatic: "這封郵件由 {product} 自動寄出。",
    support: "有任何問題，請來信 {address}。",
  },
  ignore: "如果不是您本人的操作，請忽略這封郵件。",
  notYou: "如果不是您本人的操作，請立即到登入畫面點選「忘記密碼」，設定新密碼。所有裝置也會同時登出。",

  verify_email: {
    subject: "請確認您的 {product} 電子郵件地址",
    lead: "您使用這個電子郵件地址註冊了 {product}。請確認這是您的地址。",
    link: "確認電子郵件地址",
    code: "您也可以在註冊的畫面輸入這組驗證碼：",
    lifetime: "連結和驗證碼的有效時間為 {duration}。",
  },
  already_registered: {
    subject: "您已經有 {product} 帳號",
    lead: "有人（可能就是您本人）想用這個電子郵件地址註冊 {product}。這個地址已經有帳號，該帳號沒有任何變更。",
    advice: "請直接登入。如果忘記密碼，請點選「忘記密碼」。",
  },
  reset_password: {
    subject: "設定新的 {product} 密碼",
    lead: "有人（可能就是您本人）要求為您的 {product} 帳號設定新密碼。",
    link: "設定新密碼",
    lifetime: "連結的有效時間為 {duration}，只能使用一次。設定新密碼後，目前已登入的所有裝置都會登出。",
    ignore: "如果不是您本人的操作，請忽略這封郵件，您的密碼不會變更。",
  },
  password_compromised: {
    subject: "您的 {product} 密碼已外洩：請設定新密碼",
    lead: "有人（可能就是您本人）剛剛嘗試以正確的密碼登入您的 {product} 帳號。這個密碼曾在本服務或他處的資料外洩中出現，因此不能再用來登入。請立即設定新密碼。",
    link: "設定新密碼",
    lifetime: "連結的有效時間為 {duration}，只能使用一次。設定新密碼後，目前已登入的所有裝置都會登出。",
    advice: "如果您在其他地方也使用舊密碼，請一併更改。",
  },
  password_changed: {
    subject: "您的 {product} 密碼已變更",
    changed: "您的 {product} 帳號密碼已變更，其他裝置均已登出。",
    reset: "您的 {product} 帳號密碼已重設，所有裝置均已登出。",
  },
  confirm_email: {
    subject: "請確認您新的 {product} 電子郵件地址",
    lead: "這個地址將成為您 {product} 帳號的新電子郵件地址。請確認這是您的地址。在確認之前，帳號仍使用原來的地址。",
    link: "確認新的電子郵件地址",
    lifetime: "連結的有效時間為 {duration}。",
  },
  email_change_requested: {
    subject: "您的 {product} 帳號要更換電子郵件地址",
    lead: "有人（可能就是您本人）想更換您 {product} 帳號的電子郵件地址。",
    effect: "從新地址確認之後，變更才會生效。在此之前不會有任何改變。",
  },
  email_changed: {
    subject: "您的 {product} 帳號已更換電子郵件地址",
    lead: "您的 {product} 帳號已更換電子郵件地址。今後與帳號有關的郵件會寄到新地址。",
    undo: "如果不是您本人的操作，請復原這項變更。帳號會恢復使用這個地址，所有裝置都會登出，並由您設定新密碼。",
    link: "復原變更",
    lifetime: "您可以在 {until} 之前復原。",
  },
  email_change_undone: {
    subject: "您的 {product} 帳號已恢復先前的電子郵件地址",
    lead: "您的 {product} 帳號不再使用這個電子郵件地址：先前的地址變更已復原，帳號已恢復先前的地址。您無法再用這個地址登入，與帳號有關的郵件會寄到先前的地址。",
    advice: "如果不是您本人的操作，表示有其他人能讀取先前地址的郵件。請先確保該信箱的安全，再為帳號設定新密碼。",
  },
  new_device: {
    subject: "您的 {product} 帳號有新的登入",
    lead: "有人在一台先前沒有使用過的裝置上登入了您的 {product} 帳號。",
    ignore: "如果是您本人，不需要做任何事。",
    notMe: "如果不是您本人，請設定新密碼，所有裝置都會登出。",
    link: "這不是我",
    lifetime: "連結的有效時間為 {duration}。逾時之後，請在登入畫面點選「忘記密碼」。",
  },
  sign_in_attempts: {
    subject: "有人嘗試登入您的 {product} 帳號",
    lead: "有人多次以錯誤的密碼嘗試登入您的 {product} 帳號，但都沒有成功。",
    effect: "您曾經登入過的裝置一切如常。如果這種情況持續，其他裝置即使輸入正確的密碼也會被拒絕。",
    advice: "如果您無法在新裝置上登入，或懷疑有人知道您的密碼，請設定新密碼：在登入畫面點選「忘記密碼」。",
  },
  session_reused: {
    subject: "我們已將您的一台裝置登出 {product}",
    lead: "您在一台裝置上的 {product} 登入狀態被重複使用，有人複製登入資料時就會發生這種情形。為了安全起見，我們已結束這個登入狀態。",
    advice: "您可以在該裝置上重新登入。如果您不清楚發生了什麼事，請一併設定新密碼。",
  },
  identity_linked: {
    subject: "您的 {product} 帳號新增了登入方式",
    lead: "您現在也可以使用以下登入服務登入您的 {product} 帳號。",
  },
  identity_unlinked: {
    subject: "您的 {product} 帳號移除了一種登入方式",
    lead: "您的 {product} 帳號不能再使用以下登入服務登入。",
  },
  factor_added: {
    subject: "您的 {product} 帳號已有第二道驗證",
    lead: "您的 {product} 帳號已新增一個驗證器應用程式。從現在起，登入時也需要這類應用程式的代碼。",
    advice: "如果您還沒有復原碼，請產生一組，並存放在不靠手機也找得到的地方：手機遺失時，可用復原碼登入。",
  },
  factor_removed: {
    subject: "您的 {product} 帳號已移除一項第二道驗證",
    lead: "您的 {product} 帳號已移除一個驗證器應用程式。您的其他裝置已登出。",
    last: "這是最後一個：登入時不再需要第二道驗證，復原碼也已失效。",
    others: "登入時仍需要您其他應用程式的代碼。",
  },
  passkey_added: {
    subject: "已可使用通行密鑰登入您的 {product} 帳號",
    lead: "您的 {product} 帳號已新增一個通行密鑰。持有者不需密碼即可用它登入。",
    advice: "更改密碼不會使它失效：如果您不認得這個通行密鑰，請一併從您的帳號移除。",
  },
  passkey_removed: {
    subject: "您的 {product} 帳號已移除一個通行密鑰",
    lead: "您的 {product} 帳號已移除一個通行密鑰，無法再用它登入。您的其他裝置已登出。",
  },
  recovery_codes_made: {
    subject: "您的 {product} 帳號有新的復原碼",
    lead: "您的 {product} 帳號已產生新的復原碼。先前的復原碼已失效。",
  },
  recovery_code_used: {
    subject: "您的 {product} 帳號使用了一組復原碼",
    lead: "有人（可能是您本人）使用了您 {product} 帳號的一組復原碼。",
    left: "剩餘的復原碼：{left} 組。",
    advice: "剩餘不多時，請產生新的復原碼。如果您遺失了裝有驗證器應用程式的手機，請從帳號中移除該應用程式。",
  },
  second_factor_attempts: {
    subject: "可能有人知道您的 {product} 密碼",
    lead: "有人登入您的 {product} 帳號時通過了第一道驗證，之後輸入了錯誤的代碼，但並未登入成功。如果是您本人，則無須採取任何動作。",
    advice: "如果不是您本人，表示有人知道您的密碼：請立即在登入處使用「忘記密碼」設定新密碼。",
  },
  sign_in_code: {
    subject: "您登入 {product} 的驗證碼",
    lead: "有人（可能是您本人）正在登入您的 {product} 帳號，並已輸入密碼。若要繼續，請輸入此驗證碼：",
    lifetime:
      "驗證碼只能使用一次，最長十分鐘內有效；若收到較新的驗證碼，此驗證碼即失效。請勿將驗證碼告訴任何人：{product} 絕不會透過電子郵件或電話索取。",
  },
  deletion_requested: {
    subject: "您的 {product} 帳號即將刪除",
    lead: "您的 {product} 帳號已依您的要求停用，所有裝置均已登出。帳號的所有資料將於 {date} 刪除。",
    cancel: "如果您想保留帳號，請在此之前登入，屆時可以取消刪除。",
  },
  deletion_cancelled: {
    subject: "您的 {product} 帳號已保留",
    lead: "您 {product} 帳號的刪除已取消，您可以照常登入。",
  },
};
