// What the launcher says, in both languages.

import type { Language } from "./protocol";

export const launcherWords: Record<Language, { panel: string; open: string; close: string; unread: string }> = {
  ja: { panel: "チャット", open: "チャットで問い合わせる", close: "チャットを閉じる", unread: "チャットで問い合わせる(未読{n}件)" },
  en: { panel: "Chat", open: "Chat with us", close: "Close the chat", unread: "Chat with us ({n} unread)" },
};
