// Times for reading. Pure: `now` comes in, words come from Intl or from the catalogue by code.
import type { TicketRow } from "@/api";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Urgency = "late" | "soon" | "waiting" | "none";

export interface Span {
  /** Key under "span." in the catalogue. */
  key: "days" | "hours" | "minutes" | "seconds";
  a: number;
  b: number;
}

/** The two largest units that matter: 2 days, 3 h 12 min, 12 min, 45 s. */
export function span(ms: number): Span {
  const whole = Math.max(0, ms);
  if (whole >= 2 * DAY) return { key: "days", a: Math.floor(whole / DAY), b: 0 };
  if (whole >= HOUR) return { key: "hours", a: Math.floor(whole / HOUR), b: Math.floor((whole % HOUR) / MINUTE) };
  if (whole >= MINUTE) return { key: "minutes", a: Math.floor(whole / MINUTE), b: 0 };
  return { key: "seconds", a: Math.floor(whole / 1000), b: 0 };
}

/** Soon: under a quarter of the time that was given, or under ten minutes, whichever is more. */
export function urgency(row: Pick<TicketRow, "status" | "due_at" | "needs_reply_since">, now: number): Urgency {
  if (row.status !== "open" && row.status !== "pending") return "none";
  if (!row.due_at) return row.needs_reply_since ? "waiting" : "none";
  const left = Date.parse(row.due_at) - now;
  if (left < 0) return "late";
  const given = row.needs_reply_since ? Date.parse(row.due_at) - Date.parse(row.needs_reply_since) : 0;
  return left < Math.max(10 * MINUTE, given / 4) ? "soon" : "waiting";
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: string, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${name}`;
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", options)));
  return found;
}

export const clock = (at: string | number, language: string): string =>
  format(language, "clock", { hour: "2-digit", minute: "2-digit" }).format(new Date(at));

export const fullTime = (at: string | number, language: string): string =>
  format(language, "full", { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));

export const dayKey = (at: string): string => new Date(at).toDateString();

export function dayName(at: string, language: string, now: number): string {
  const date = new Date(at);
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : "numeric";
  return format(language, `day${year ?? ""}`, { year, month: "long", day: "numeric", weekday: "short" }).format(date);
}

/** Today the time, this year the day, else the date. */
export function brief(at: string, language: string, now: number): string {
  const date = new Date(at);
  const today = new Date(now);
  if (date.toDateString() === today.toDateString()) return clock(at, language);
  if (date.getFullYear() === today.getFullYear()) return format(language, "md", { month: "short", day: "numeric" }).format(date);
  return format(language, "ymd", { year: "numeric", month: "numeric", day: "numeric" }).format(date);
}

export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Until when to sleep: later today, tomorrow 9:00, next Monday 9:00, in the reader's own time zone. */
export function snoozeChoices(now: number): { key: string; at: Date }[] {
  const at = (days: number, hour: number): Date => {
    const date = new Date(now);
    date.setDate(date.getDate() + days);
    date.setHours(hour, 0, 0, 0);
    return date;
  };
  const toMonday = (8 - new Date(now).getDay()) % 7 || 7;
  return [
    { key: "hours1", at: new Date(now + HOUR) },
    { key: "hours3", at: new Date(now + 3 * HOUR) },
    { key: "tomorrow", at: at(1, 9) },
    { key: "monday", at: at(toMonday, 9) },
    { key: "week", at: at(7, 9) },
  ];
}
