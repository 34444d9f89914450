import type { FeedbackWords } from "./words.ts";

/** Chinese, in traditional characters. */
export const zhHant: FeedbackWords = {
  reasons: {
    too_short: "密碼至少需要 {least} 個字元。",
    common: "很多人使用這個密碼，因此它會最先被嘗試。",
    context: "您的姓名、地址和本服務的名稱很容易猜到。",
    too_weak: "這個密碼很容易猜到。",
    breached: "這個密碼曾在本服務或他處的資料外洩中出現。請勿在任何地方使用。",
  },
  warnings: {
    straightRow: "鍵盤上相鄰的按鍵很容易猜到。",
    keyPattern: "簡短的鍵盤圖樣很容易猜到。",
    simpleRepeat: "重複的字元（例如「aaa」）很容易猜到。",
    extendedRepeat: "重複的組合（例如「abcabc」）很容易猜到。",
    sequences: "連續的字元（例如「abc」或「123」）很容易猜到。",
    recentYears: "近年的年份很容易猜到。",
    dates: "日期很容易猜到。",
    topTen: "這是最常見的密碼之一。",
    topHundred: "這是非常常見的密碼。",
    common: "這是常見的密碼。",
    similarToCommon: "這和常見的密碼非常相似。",
    wordByItself: "單獨一個詞很容易猜到。",
    namesByThemselves: "單獨一個姓名很容易猜到。",
    commonNames: "常見的姓名很容易猜到。",
    userInputs: "您的姓名、地址和本服務的名稱很容易猜到。",
  },
  suggestions: {
    l33t: "用「@」代替「a」之類的做法幫助不大。",
    reverseWords: "倒過來寫的詞並不會難猜多少。",
    allUppercase: "全部大寫幫助不大。",
    capitalization: "只有開頭大寫幫助不大。",
    dates: "請避免與您有關的日期。",
    recentYears: "請避免近年的年份。",
    associatedYears: "請避免與您有關的年份。",
    sequences: "請避免連續的字元。",
    repeated: "請避免重複。",
    longerKeyboardPattern: "請使用較長且常改變方向的鍵盤圖樣。",
    anotherWord: "請再加上幾個互不相關的詞。",
    useWords: "請使用幾個互不相關的詞。",
    noNeed: "不需要符號、數字或大寫字母。",
  },
};
