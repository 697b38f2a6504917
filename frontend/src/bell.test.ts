import { describe, expect, it } from "vitest";
import type { EventOut } from "@/api";
import { isMine } from "@/bell";

const event = (kind: string, params: Record<string, unknown>, agent_id: number | null = null): EventOut => ({ id: 1, at: "2026-07-01T03:00:00Z", kind, ticket: 1, message_id: null, agent_id, params });

describe("the bell", () => {
  it("rings for those whom a warning is for", () => {
    const warned = event("clock.warned", { to: [3, 4], percent: 75, metric: "resolution" });
    expect([3, 4, 5, undefined].map((id) => isMine(warned, id))).toEqual([true, true, false, false]);
  });

  it("rings for owners whose webhook no longer arrives", () => {
    expect([3, 5].map((id) => isMine(event("webhook.failed", { to: [3], name: "CRM" }), id))).toEqual([true, false]);
  });

  it("rings for leads whose team's customer was not satisfied", () => {
    expect([3, 5].map((id) => isMine(event("survey.answered", { to: [3], score: 1 }), id))).toEqual([true, false]);
  });

  it("hears that another window of the same person has read", () => {
    expect(isMine(event("notification.read", {}, 3), 3)).toBe(true);
    expect(isMine(event("notification.read", {}, 4), 3)).toBe(false);
  });

  it("leaves everything else alone", () => expect(isMine(event("clock.breached", { to: [3] }, 3), 3)).toBe(false));
});
