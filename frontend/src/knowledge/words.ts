// How states are coloured, what the parts of an article are called, and in whose language a category speaks.
import type { ArticleRow, CategoryOut } from "@/api/knowledge";

export const locales = ["ja", "en"] as const;
export const states = ["wip", "not_validated", "validated", "archived"] as const;
export const audiences = ["internal", "customer", "public"] as const;
export const parts = ["issue", "environment", "cause", "resolution"] as const;
export type Part = (typeof parts)[number];
export const shows = ["live", "unpublished", "outdated", "review"] as const;

export const toneOf = (state: ArticleRow["state"]): string => ({ wip: "", not_validated: "soon", validated: "met", archived: "" })[state];
export const categoryName = (one: CategoryOut, locale: string): string => (locale === "en" && one.name_en ? one.name_en : one.name_ja);
export const codeOf = (id: number): string => `KB-${id}`;
/** What an <input type="datetime-local"> holds, in the reader's own zone. */
export const localTime = (at: string | null): string => {
  if (!at) return "";
  const day = new Date(at);
  return new Date(day.getTime() - day.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
export const fromLocal = (value: string): string | null => (value ? new Date(value).toISOString() : null);
