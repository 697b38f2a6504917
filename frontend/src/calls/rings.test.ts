import { describe, expect, it } from "vitest";
import { rings } from "@/calls/rings";
import type { Presence } from "@/api";

const agent = (id: number, presence: Presence, channels_off: string[] = []) => ({ id, presence, channels_off });

describe("a waiting call", () => {
  it("rings where somebody is available and takes calls", () => {
    const agents = [agent(1, "available"), agent(2, "busy"), agent(3, "available", ["phone"]), agent(4, "break")];
    expect([1, 2, 3, 4].filter((me) => rings(me, agents, 0))).toEqual([1]);
  });

  it("rings everywhere when nobody is free, or when it has rung in vain (R6)", () => {
    const busy = [agent(1, "busy"), agent(2, "away")];
    expect([1, 2].filter((me) => rings(me, busy, 0))).toEqual([1, 2]);
    const agents = [agent(1, "available"), agent(2, "wrap_up")];
    expect([1, 2].filter((me) => rings(me, agents, 19))).toEqual([1]);
    expect([1, 2].filter((me) => rings(me, agents, 20))).toEqual([1, 2]);
  });

  it("does not ring for who is not of this desk", () => {
    expect(rings(9, [agent(1, "busy")], 60)).toBe(false);
  });
});
