// How long something is, in the words of the catalogue: 4 hours, 1 hour 30 minutes, 15 minutes. Pure.
type Translate = (key: string, values?: Record<string, unknown>) => string;

export function lengthOf(seconds: number, t: Translate): string {
  const whole = Math.round(Math.abs(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (h && m) return t("length.hm", { h, m });
  if (h) return t("length.h", { h });
  if (m && s) return t("length.ms", { m, s });
  return m ? t("length.m", { m }) : t("length.s", { s });
}
