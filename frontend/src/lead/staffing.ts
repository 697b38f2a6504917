// What the staffing must reach, as it is entered: percent, seconds and minutes. Pure.
import type { ReportQuery, StaffingQuery } from "@/api";

export interface Plan {
  channel: string; // empty: everything that is written, and calls, as work
  share: number; // percent
  target: number; // seconds
  occupancy: number; // percent
  shrinkage: number; // percent
  concurrency: number;
  minutes: number | null; // of handling; empty: as measured
}

export const startPlan = (query: ReportQuery): Plan => ({ channel: query.channel ?? "", share: 80, target: query.target_s ?? 20, occupancy: 85, shrinkage: 30, concurrency: 1, minutes: null });

const within = (value: unknown, low: number, high: number): number => Math.min(high, Math.max(low, Number(value) || 0));

/** As the server is asked: what is out of bounds is taken as the nearest that is not. */
export function planOf(plan: Plan): StaffingQuery {
  return {
    channel: plan.channel || undefined,
    share: within(plan.share, 1, 99) / 100,
    target_s: Math.round(within(plan.target, 1, 3600)),
    occupancy: within(plan.occupancy, 11, 100) / 100,
    shrinkage: within(plan.shrinkage, 0, 90) / 100,
    concurrency: within(plan.concurrency, 1, 20),
    handling_s: plan.minutes ? Math.round(within(plan.minutes * 60, 10, 86400)) : undefined,
  };
}
