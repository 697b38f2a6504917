// How accounts are told: days, money, and the words that the server's codes stand for.
export const TIERS = ["high", "low", "tech"] as const;
export const STAGES = ["onboarding", "adopting", "steady", "renewal", "at_risk", "churned"] as const;
export const ROLES = ["champion", "sponsor", "admin", "user"] as const;
const DAY = 86_400_000;

export const dayWords = (day: string | null | undefined, language: string): string =>
  day ? new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(`${day.slice(0, 10)}T00:00:00Z`)) : "–";

export const money = (value: number, currency: string, language: string): string =>
  new Intl.NumberFormat(language, { style: "currency", currency, maximumFractionDigits: 0 }).format(value);

/** Days from today on; negative when it has passed. */
export const daysTo = (day: string, now: number): number => Math.ceil((Date.parse(`${day}T00:00:00Z`) - now) / DAY);

export const stageTone = (stage: string): string => (stage === "at_risk" || stage === "churned" ? "late" : stage === "renewal" ? "soon" : "");
