// A schedule and a failure in words.
import { useI18n } from "vue-i18n";
import type { Copy, ReportMail, ReportMailIn } from "@/api/mailings";

export function useMailingWords() {
  const { t, te, locale } = useI18n();

  const weekday = (n: number): string => new Intl.DateTimeFormat(locale.value === "ja" ? "ja-JP" : "en-GB", { weekday: "long", timeZone: "UTC" }).format(new Date(Date.UTC(2026, 5, 1 + n)));

  function when(one: Pick<ReportMailIn, "every" | "weekday" | "day" | "hour">): string {
    return t(`mailings.when.${one.every}`, { weekday: weekday(one.weekday ?? 0), day: one.day ?? 1, hour: `${one.hour ?? 9}:00` });
  }

  const failure = (one: Copy): string => {
    if (!one.failure) return "";
    if (te(`mailings.failure.${one.failure}`)) return t(`mailings.failure.${one.failure}`);
    return te(`failure.${one.failure}`) ? t(`failure.${one.failure}`) : t("failure.unknown");
  };

  /** What the list should warn of: a slot that could not be made, or copies of the latest letter that did not go out. */
  function troubles(one: ReportMail): string {
    if (one.error) return t("mailings.notMade");
    const bad = one.latest?.copies.filter((copy) => copy.state === "failed" || copy.state === "unconfirmed" || (copy.state === "queued" && copy.failure)) ?? [];
    return bad.length ? t("mailings.notSent", { n: bad.length }) : "";
  }

  return { weekday, when, failure, troubles };
}
