// What a policy says, as the editor holds it. Pure. Targets are what a person types, in the unit of their row.
import { Problem, type PolicySpec, type Priority } from "@/api";

export const METRICS = ["first_response", "next_response", "resolution", "callback", "assignment"] as const;
export const PRIORITIES = ["urgent", "high", "normal", "low"] as const;
export const PERCENTS = [50, 75, 90, 100, 150] as const;
export const WORD_FIELDS = ["channel", "priority", "tier", "language"] as const;
export const ID_FIELDS = ["inbox", "team", "account", "tag"] as const;

export type Metric = (typeof METRICS)[number];
export type Field = (typeof WORD_FIELDS)[number] | (typeof ID_FIELDS)[number];
export type Unit = "minutes" | "hours";
export const SECONDS: Record<Unit, number> = { minutes: 60, hours: 3600 };

export interface Row {
  unit: Unit;
  values: Record<Priority, string>;
}

export interface Condition {
  field: Field;
  any: (string | number)[];
}

export interface Step {
  percent: (typeof PERCENTS)[number];
  metrics: Metric[];
  /** "assignee", "leads", "success", or "agent 7". */
  to: string[];
}

export interface Draft {
  conditions: Condition[];
  hours: "business" | "elapsed";
  calendar_id: number | null;
  by_team: boolean;
  rows: Record<Metric, Row>;
  pauses: Record<Metric, ("pending" | "snoozed")[]>;
  reopen: "resume" | "restart";
  steps: Step[];
}

export interface Fault {
  at: string;
  code: string;
}

const START: PolicySpec = {
  conditions: [],
  hours: "business",
  calendar_id: null,
  by_team: true,
  targets: {
    first_response: { urgent: 900, high: 1800, normal: 3600, low: 14400 },
    next_response: { urgent: 900, high: 1800, normal: 3600, low: 14400 },
    resolution: { urgent: 14400, high: 28800, normal: 86400, low: 172800 },
  },
  pauses: { resolution: ["pending", "snoozed"] },
  reopen: "resume",
  steps: [{ percent: 75, metrics: [], to: ["assignee"] }, { percent: 100, metrics: [], to: ["assignee", "leads"] }],
};

export function rowOf(given: Partial<Record<Priority, number>>, metric: Metric): Row {
  const seconds = Object.values(given);
  const whole = seconds.length ? seconds.every((each) => each % 3600 === 0) : metric === "resolution";
  const unit: Unit = whole ? "hours" : "minutes";
  const values = Object.fromEntries(PRIORITIES.map((each) => [each, given[each] === undefined ? "" : String(given[each] / SECONDS[unit])]));
  return { unit, values: values as Record<Priority, string> };
}

export function draftOf(spec: PolicySpec = START): Draft {
  return {
    conditions: (spec.conditions ?? []).map(({ field, any }) => ({ field, any: [...any] })),
    hours: spec.hours,
    calendar_id: spec.calendar_id ?? null,
    by_team: spec.by_team ?? false,
    rows: Object.fromEntries(METRICS.map((metric) => [metric, rowOf(spec.targets[metric] ?? {}, metric)])) as Record<Metric, Row>,
    pauses: Object.fromEntries(METRICS.map((metric) => [metric, [...(spec.pauses?.[metric] ?? [])]])) as Draft["pauses"],
    reopen: spec.reopen ?? "resume",
    steps: (spec.steps ?? []).map(({ percent, metrics, to }) => ({
      percent, metrics: [...(metrics ?? [])], to: to.map((each) => (typeof each === "string" ? each : `agent ${each.agent}`)),
    })),
  };
}

/** Seconds of what was typed: 15, 1.5, １５. Null for an empty cell, NaN for what is no time. */
export function secondsOf(text: string, unit: Unit): number | null {
  const plain = text.normalize("NFKC").trim();
  if (!plain) return null;
  return /^\d+(\.\d+)?$/.test(plain) ? Math.round(Number(plain) * SECONDS[unit]) : Number.NaN;
}

export const isTime = (text: string, unit: Unit): boolean => {
  const seconds = secondsOf(text, unit);
  return seconds === null || (seconds >= 60 && seconds <= 366 * 86400);
};

export const isSound = (draft: Draft): boolean =>
  METRICS.every((metric) => PRIORITIES.every((each) => isTime(draft.rows[metric].values[each], draft.rows[metric].unit))) &&
  draft.conditions.every((each) => each.any.length > 0) &&
  draft.steps.every((step) => step.to.length > 0);

export function specOf(draft: Draft): PolicySpec {
  const targets: PolicySpec["targets"] = {};
  for (const metric of METRICS) {
    const row = draft.rows[metric];
    const given = PRIORITIES.map((each) => [each, secondsOf(row.values[each], row.unit)] as const).filter(([, seconds]) => seconds !== null);
    if (given.length) targets[metric] = Object.fromEntries(given) as Record<Priority, number>;
  }
  const business = draft.hours === "business";
  return {
    conditions: draft.conditions as PolicySpec["conditions"],
    hours: draft.hours,
    calendar_id: business ? draft.calendar_id : null,
    by_team: business && draft.by_team,
    targets,
    pauses: Object.fromEntries(METRICS.filter((metric) => draft.pauses[metric].length).map((metric) => [metric, draft.pauses[metric]])),
    reopen: draft.reopen,
    steps: draft.steps.map(({ percent, metrics, to }) => ({
      percent, metrics, to: to.map((each) => (each.startsWith("agent ") ? { agent: Number(each.slice(6)) } : each)) as NonNullable<PolicySpec["steps"]>[number]["to"],
    })),
  };
}

/** What the server found wrong, when it says where. */
export function faultsOf(error: unknown): Fault[] | null {
  if (!(error instanceof Problem) || error.code !== "wrong_policy" || !Array.isArray(error.params.fields)) return null;
  return (error.params.fields as { at: string; code?: string }[]).map(({ at, code }) => ({ at, code: code ?? "" }));
}

export const reasonsAt = (faults: Fault[], at: string): string[] => faults.filter((one) => one.at === at).map((one) => one.code);
