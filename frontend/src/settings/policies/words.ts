// What a condition may ask for, by its names, and a condition in one line.
import type { AccountBrief } from "@/api";
import type { Field } from "@/settings/policies/spec";
import { desk } from "@/store";

type Translate = (key: string, values?: Record<string, unknown>) => string;

export interface Choice {
  value: string | number;
  label: string;
}

const named = (list: readonly { id: number; name: string }[] | undefined): Choice[] => (list ?? []).map(({ id, name }) => ({ value: id, label: name }));

export function choices(field: Field, t: Translate, accounts: readonly AccountBrief[]): Choice[] {
  switch (field) {
    case "channel":
      return ["line", "email", "chat", "phone"].map((value) => ({ value, label: t(`channel.${value}`) }));
    case "priority":
      return ["urgent", "high", "normal", "low"].map((value) => ({ value, label: t(`priority.${value}`) }));
    case "tier":
      return [...["high", "low", "tech"].map((value) => ({ value, label: t(`tier.${value}`) })), { value: "", label: t("policies.noTier") }];
    case "language":
      return ["ja", "en"].map((value) => ({ value, label: t(`language.${value}`) }));
    case "inbox":
      return named(desk.value?.inboxes);
    case "team":
      return named(desk.value?.teams);
    case "tag":
      return named(desk.value?.tags);
    case "account":
      return named(accounts);
  }
}

/** 会社の区分: ハイタッチ、ロータッチ. What is unknown here is counted. */
export function told(field: Field, any: readonly (string | number)[], t: Translate, accounts: readonly AccountBrief[] = []): string {
  const known = new Map(choices(field, t, accounts).map(({ value, label }) => [value, label]));
  const names = any.map((value) => known.get(value)).filter((name) => name !== undefined);
  const rest = any.length - names.length;
  return t("policies.condition", { field: t(`policies.field.${field}`), any: [...names, ...(rest ? [`+${rest}`] : [])].join(t("calendars.and")) });
}
