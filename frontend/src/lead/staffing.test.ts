import { describe, expect, it } from "vitest";
import { planOf, startPlan } from "@/lead/staffing";

describe("a staffing plan", () => {
  it("starts with 80/20, 85 % and a third for breaks, for the channel that is looked at", () => {
    const plan = startPlan({ first: "2026-07-01", last: "2026-07-28", channel: "phone", target_s: 30 });
    expect(planOf(plan)).toEqual({ channel: "phone", share: 0.8, target_s: 30, occupancy: 0.85, shrinkage: 0.3, concurrency: 1, handling_s: undefined });
  });

  it("asks for nothing that the server refuses", () => {
    const plan = { channel: "", share: 0, target: 0, occupancy: 200, shrinkage: 95, concurrency: 0, minutes: 0.1 };
    expect(planOf(plan)).toEqual({ channel: undefined, share: 0.01, target_s: 1, occupancy: 1, shrinkage: 0.9, concurrency: 1, handling_s: 10 });
  });
});
