// Small pure things about text: links, languages, sizes, dates.

import type { Language } from "./protocol";

export type Piece = { text: string; href?: string };

// A link ends before white space, quotation marks, Japanese brackets and closing punctuation.
const LINK = /https?:\/\/[^\s<>\"'`「」『』【】、。\uff08\uff09]+/g;
const TAIL = /[.,:;!?)\]}…]+$/;

/** The text cut into plain pieces and links. Only http and https are links. */
export function linked(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const href = trimmed(found[0]);
    if (!URL.canParse(href)) continue;
    if (found.index > from) pieces.push({ text: text.slice(from, found.index) });
    pieces.push({ text: href, href });
    from = found.index + href.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

/** A closing bracket belongs to the link when the link opened it. */
function trimmed(link: string): string {
  const tail = TAIL.exec(link)?.[0] ?? "";
  const opened = (link.match(/\(/g) ?? []).length >= (link.match(/\)/g) ?? []).length;
  return tail && !(tail === ")" && opened) ? link.slice(0, -tail.length) : link;
}

/** What language a screen reader should use for a text (W13); null: that of the page. */
export function languageOf(text: string, page: Language): Language | null {
  if (/[\u3040-\u30ff]/.test(text)) return page === "ja" ? null : "ja";
  const foreign = page === "ja" && /[A-Za-z]{3}/.test(text) && !/[^\p{Script=Latin}\p{P}\p{N}\p{S}\p{Z}\p{C}]/u.test(text);
  return foreign ? "en" : null;
}

/** A random UUID; `crypto.randomUUID` is closed to pages without https. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function size(bytes: number | null): string {
  if (bytes === null) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function clock(at: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(at));
}

/** A day's key in the reader's own time zone. */
export function dayOf(at: Date): string {
  return `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, "0")}-${String(at.getDate()).padStart(2, "0")}`;
}

export function dayName(at: string, now: Date, language: Language): string | "today" | "yesterday" {
  const day = new Date(at);
  const before = new Date(now);
  before.setDate(now.getDate() - 1);
  if (dayOf(day) === dayOf(now)) return "today";
  if (dayOf(day) === dayOf(before)) return "yesterday";
  const year = day.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(language, { ...year, month: "long", day: "numeric", weekday: "short" }).format(day);
}

export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);
}

/** Whether a pressed key sends: Enter does, but never while an input method composes, and not on a touch keyboard. */
export function sends(key: Pick<KeyboardEvent, "key" | "shiftKey" | "isComposing" | "keyCode" | "ctrlKey" | "metaKey">, touch: boolean): boolean {
  if (key.key !== "Enter" || key.isComposing || key.keyCode === 229) return false;
  return key.ctrlKey || key.metaKey || (!key.shiftKey && !touch);
}
