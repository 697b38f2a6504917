// What the reports are asked for stands in the address: it can be kept, sent and gone back to.
import { computed } from "vue";
import { useRoute, useRouter } from "vue-router";
import type { ReportQuery } from "@/api";
import { daysOf, presets, type Preset } from "@/lead/figures";
import { now } from "@/now";

const numbers = ["team", "agent", "inbox", "tag", "abandon_s", "target_s"] as const;
const words = ["channel", "tier"] as const;
export type Filter = "channel" | "team" | "agent" | "inbox" | "tier" | "tag";
export const filters: Filter[] = ["channel", "team", "agent", "inbox", "tier", "tag"];
const day = /^\d{4}-\d\d-\d\d$/;

export function usePeriod() {
  const route = useRoute();
  const router = useRouter();
  const given = (name: string): string | undefined => (typeof route.query[name] === "string" ? route.query[name] : undefined);
  const preset = computed<Preset>(() => presets.find((one) => one === given("period")) ?? "d28");
  const today = computed(() => new Date(now.value).toDateString());

  const query = computed<ReportQuery>(() => {
    const days = daysOf(preset.value, new Date(today.value));
    const [first, last] = [given("first"), given("last")];
    if (preset.value === "custom" && first && last && day.test(first) && day.test(last) && first <= last) Object.assign(days, { first, last });
    const found: ReportQuery = { ...days, basis: given("basis") === "elapsed" ? "elapsed" : "business" };
    for (const name of numbers) if (/^\d{1,9}$/.test(given(name) ?? "")) found[name] = Number(given(name));
    for (const name of words) if (given(name)) found[name] = given(name);
    const variant = given("variant");
    if (variant === "B" || variant === "C") found.variant = variant;
    return found;
  });

  const key = computed(() => JSON.stringify(query.value));
  const filtered = computed(() => filters.some((name) => query.value[name] !== undefined));

  /** Changes parts of the address; an empty value takes its part away. */
  function set(change: Record<string, string | number | undefined>): void {
    const next: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...route.query, ...change })) if (value !== undefined && value !== null && value !== "") next[name] = String(value);
    void router.replace({ query: next });
  }

  return { query, key, preset, filtered, set, clear: () => set(Object.fromEntries(filters.map((name) => [name, undefined]))) };
}

export type Period = ReturnType<typeof usePeriod>;
