// Which language, and how a sentence is filled in. Apart from the words, so that the loader stays small.

import type { Language } from "./protocol";

/** "{n}" and "{name}" in a sentence become what `params` says. */
export function filled(text: string, params: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** The language to begin with: what the page says of itself, else what the browser prefers; Japanese unless it is another. */
export function pickLanguage(...tags: (string | null | undefined)[]): Language {
  const tag = tags.find((given) => given);
  return !tag || tag.toLowerCase().startsWith("ja") ? "ja" : "en";
}
