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
  sent: { title: "請查看您的信箱", text: "如果這個地址已在此註冊，帶有新連結的郵件正在寄送途中。也請查看垃圾郵件匣。" },
  wrongEmail: "請輸入電子郵件地址，例如 name@example.com。",
  failed: { title: "操作未成功", text: "請返回上一頁，稍後再試一次。" },
};
