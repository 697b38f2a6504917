// Japanese and English. Switched without a reload; <html lang> follows.
import { createI18n } from "vue-i18n";
import { keep, recall } from "@/preferences";
import en from "@/i18n/en";
import ja from "@/i18n/ja";

export type AppLanguage = "ja" | "en";

export const asLanguage = (value: string | null | undefined): AppLanguage => (value?.toLowerCase().startsWith("en") ? "en" : "ja");

function first(): AppLanguage {
  const known = recall("language");
  if (known) return asLanguage(known);
  return /^ja/i.test(navigator.language) ? "ja" : "en";
}

export const i18n = createI18n({
  legacy: false,
  locale: first() as string,
  fallbackLocale: "en",
  messages: { ja, en } as Record<string, typeof ja>,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
});

export function speak(language: string): void {
  const chosen = asLanguage(language);
  i18n.global.locale.value = chosen;
  document.documentElement.lang = chosen;
  keep("language", chosen);
}
