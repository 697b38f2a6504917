// How renewals are told.
export const PARTS = ["renewed", "commit", "likely", "at_risk", "lost", "unsaid"] as const;
export const CATEGORIES = ["commit", "likely", "at_risk", "lost"] as const;
const DAY = 86_400_000;

export const isoDay = (now: number, days: number): string => new Date(now + days * DAY).toISOString().slice(0, 10);

export const monthWords = (month: string, language: string): string =>
  new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" }).format(new Date(`${month}-01T00:00:00Z`));

export const categoryTone = (category: string): string => ({ commit: "ai", likely: "", at_risk: "soon", lost: "late" })[category] ?? "";
