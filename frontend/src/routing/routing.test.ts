import { describe, expect, it } from "vitest";
import type { Skill } from "@/api";
import { left } from "@/routing/offers";
import { against, needed, sentence, type Names } from "@/routing/reasons";

const skills: Skill[] = [{ id: 7, name: "ワイン", kind: "skill", code: "", agents: [], needed: [] }];
const names: Names = {
  agent: (id) => (id ? `agent ${id}` : "nobody"),
  team: (id) => (id ? `team ${id}` : "none"),
  skills,
  t: (key, values) => (values ? `${key} ${JSON.stringify(values)}` : key),
};
const decision = { outcome: "assigned" as const, why: "longest_idle", agent_id: 3, team_id: 1, reasons: {} };

describe("decisions in words", () => {
  it("name every reason against an agent", () => {
    expect(["full", "not_there:break", "channel_off"].map((code) => against(code, names))).toEqual(["routing.no.full", "presence.break", "routing.no.channel_off"]);
    expect(against("skill:7", names)).toContain("ワイン");
    expect(against("skill:8", names)).toContain("#8");
  });

  it("say who got it and why", () => {
    expect(sentence(decision, names)).toContain("agent 3");
    expect(sentence(decision, names)).toContain("routing.because.longest_idle");
    expect(sentence({ ...decision, outcome: "waiting", why: "sticky", agent_id: null, reasons: { wait_for: 5 } }, names)).toContain("agent 5");
    expect(sentence({ ...decision, outcome: "overflowed", why: "team", reasons: { after_s: 90, from: 2 } }, names)).toContain('"minutes":1.5');
    expect(sentence({ ...decision, outcome: "expired", why: "no_answer" }, names)).toMatch(/^routing\.expired/);
    expect(sentence({ ...decision, outcome: "returned", why: "left" }, names)).toMatch(/^routing\.returned\.left/);
  });

  it("tell no skills that no longer count", () => {
    const needs = [{ skill: 7, level: 2 }];
    expect(needed({ needs }, names)).toBe("ワイン (2)");
    expect(needed({ needs, widened: true }, names)).toBe("");
  });
});

describe("an offer's ring", () => {
  const offer = { offered_at: "2026-03-02T02:00:00Z", expires_at: "2026-03-02T02:00:30Z" };
  const at = (second: number): number => left(offer, Date.parse(offer.offered_at) + second * 1000);

  it("runs from full to empty and stays there, whatever the clocks say", () => {
    expect([at(-5), at(0), at(15), at(30), at(60)]).toEqual([1, 1, 0.5, 0, 0]);
  });
});
