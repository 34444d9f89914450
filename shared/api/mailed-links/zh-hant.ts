import type { LinkTexts } from "./link-texts.ts";

/** Texts for mailed-link pages. */
export const zhHant: LinkTexts = {
  email: "電子郵件地址",
  verify: {
    title: "確認您的電子郵件地址",
    text: "如果您曾以這個地址在此註冊，請按下按鈕。否則請關閉此頁面，不會有任何變更。",
    button: "確認地址",
  },
  verified: { title: "您的地址已確認", text: "您可以關閉此頁面並登入。" },
  reset: { title: "設定新密碼", password: "新密碼", button: "儲存密碼" },
  passwordRule: (minLength) => `至少 ${minLength} 個字元，最多 1024 個位元組。一個句子就是好密碼。`,
  resetDone: { title: "您的密碼已變更", text: "您已在所有裝置上登出。請用新密碼登入。" },
  dead: {
    title: "此連結已失效",
    text: "每個連結只能使用一次且有時限，較新的郵件會使它失效。請輸入您的地址，我們會寄出新的郵件。",
    button: "寄送新的郵件",
  },
  change: {
    title: "確認您的新電子郵件地址",
    text: "按下按鈕後，這個地址就會成為您帳號的地址。如果您沒有提出這項要求，請關閉此頁面，不會有任何變更。",
    button: "使用這個地址",
  },
  changed: { title: "您的地址已變更", text: "今後請用新地址登入。寄到舊地址的郵件說明了如何復原這項變更。" },
  undo: {
    title: "復原您的地址變更",
    text: "按下按鈕即可取回這個地址。所有裝置都會登出，密碼與所有已連結的登入方式都會移除，接著請您設定新密碼。",
    button: "取回這個地址",
  },
  taken: {
    title: "另一個帳號已使用這個地址",
    text: "沒有任何變更。如果那個帳號也是您的，請先為它換另一個地址，再重新開啟此連結。",
  },
  changeDead: {
    title: "此連結已失效",
    text: "每個連結只能使用一次且有時限，較新的郵件會使它失效。請登入並再次變更地址，我們會寄出新的郵件。",
  },
  sent: { title: "請查看您的信箱", text: "如果這個地址已在此註冊，帶有新連結的郵件正在寄送途中。也請查看垃圾郵件匣。" },
  wrongEmail: "請輸入電子郵件地址，例如 name@example.com。",
  onward: { account: "前往您的帳號", app: (app) => `前往 ${app}` },
  tooLong: { title: "輸入的內容太長", text: "您輸入的內容太長，無法接受。請返回上一頁，輸入較短的內容。" },
  misshapen: {
    title: "無法接受此表單",
    text: "收到的內容與此頁面送出的格式不同。請重新開啟頁面，並在瀏覽器中使用頁面上的表單。",
  },
  failed: { title: "操作未成功", text: "請返回上一頁，稍後再試一次。" },
};
