// Names of days, dates, zones and countries, from Intl.
const intl = (locale: string): string => (locale === "ja" ? "ja-JP" : "en-GB");

/** 0 is Monday. */
export const weekday = (day: number, locale: string, form: "short" | "long" = "short"): string =>
  new Intl.DateTimeFormat(intl(locale), { weekday: form, timeZone: "UTC" }).format(Date.UTC(2026, 5, 1 + day));

const at = (date: string): number => Date.parse(`${date}T00:00:00Z`);

export const dateOf = (date: string, locale: string): string =>
  new Intl.DateTimeFormat(intl(locale), { year: "numeric", month: "numeric", day: "numeric", weekday: "short", timeZone: "UTC" }).format(at(date));

export const monthDay = (date: string, locale: string): string =>
  new Intl.DateTimeFormat(intl(locale), { month: "numeric", day: "numeric", timeZone: "UTC" }).format(at(date));

export const weekdayOf = (date: string, locale: string): string =>
  new Intl.DateTimeFormat(intl(locale), { weekday: "short", timeZone: "UTC" }).format(at(date));

/** A moment on the calendar's own clock. */
export const momentIn = (moment: string, zone: string, locale: string): string =>
  new Intl.DateTimeFormat(intl(locale), { month: "numeric", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: zone }).format(new Date(moment));

export const countryName = (code: string, locale: string): string => new Intl.DisplayNames([locale], { type: "region" }).of(code) ?? code;

/** What this browser knows; `kept` is there in any case. */
export const zones = (kept: string): string[] => [...new Set(["Asia/Tokyo", "UTC", kept, ...Intl.supportedValuesOf("timeZone")])];

/** 1 is January. */
export const monthName = (month: number, locale: string): string =>
  new Intl.DateTimeFormat(intl(locale), { month: "short", timeZone: "UTC" }).format(Date.UTC(2026, month - 1, 1));
