// What a new report mail asks for, and how one is written down. Pure.
import type { ReportMail, ReportMailIn } from "@/api/mailings";

export const periods = ["yesterday", "last_7_days", "last_week", "last_28_days", "last_month"] as const;
export const schedules = ["daily", "weekly", "monthly"] as const;
export const most = 12;
const usual = ["inbound", "response_rate", "first_response", "sla_first_response", "csat"];

/** A new one: last week's usual figures on Monday morning, with the filters that the reports screen was left with. */
export function fresh(language: string, me: number, asked: Record<string, unknown>): ReportMailIn {
  const filters: Record<string, string | number> = {};
  for (const name of ["channel", "tier"]) if (typeof asked[name] === "string" && asked[name]) filters[name] = asked[name] as string;
  for (const name of ["team", "agent", "inbox", "tag"]) if (/^\d{1,9}$/.test(String(asked[name] ?? ""))) filters[name] = Number(asked[name]);
  return {
    name: "", language: language === "en" ? "en" : "ja", figures: [...usual], period: "last_week", filters: filters as ReportMailIn["filters"], basis: asked.basis === "elapsed" ? "elapsed" : "business",
    every: "weekly", weekday: 0, day: 1, hour: 9, skip_empty: false, enabled: true, agent_ids: [me], outside: [],
  };
}

/** The fields that are sent, without what only the server says. */
export function fieldsOf(one: ReportMail): ReportMailIn {
  const { name, language, figures, period, filters, basis, every, weekday, day, hour, skip_empty, enabled, agent_ids, outside } = one;
  return { name, language, figures: [...(figures ?? [])], period, filters: { ...filters }, basis, every, weekday, day, hour, skip_empty, enabled, agent_ids: [...(agent_ids ?? [])], outside: [...(outside ?? [])] };
}

export const addresses = (text: string): string[] => text.split(/[\s,;、]+/).filter(Boolean);
