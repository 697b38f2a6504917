import { describe, expect, it } from "vitest";
import { mayAnswer, rings } from "@/calls/rings";
import type { Presence } from "@/api";

const agent = (id: number, presence: Presence, channels_off: string[] = []) => ({ id, presence, channels_off });
const anyone = { rings: null };

describe("a waiting call", () => {
  it("rings only with whom routing chose (R1)", () => {
    const agents = [agent(1, "available"), agent(2, "available"), agent(3, "busy")];
    const heard = (chosen: number[], waited: number) => [1, 2, 3].filter((me) => rings(me, { rings: chosen }, [1, 2], agents, waited));
    expect(heard([2], 0)).toEqual([2]);
    expect(heard([], 60)).toEqual([]);
    expect(heard([1, 3], 60)).toEqual([1, 3]);
    expect([mayAnswer(2, { rings: [2] }, []), mayAnswer(1, { rings: [2] }, [1, 2])]).toEqual([true, false]);
  });

  it("rings where somebody is available and takes calls, when people choose", () => {
    const agents = [agent(1, "available"), agent(2, "busy"), agent(3, "available", ["phone"]), agent(4, "break")];
    expect([1, 2, 3, 4].filter((me) => rings(me, anyone, [], agents, 0))).toEqual([1]);
  });

  it("rings everywhere when nobody is free, or when it has rung in vain (R6)", () => {
    const busy = [agent(1, "busy"), agent(2, "away")];
    expect([1, 2].filter((me) => rings(me, anyone, [], busy, 0))).toEqual([1, 2]);
    const agents = [agent(1, "available"), agent(2, "wrap_up")];
    expect([1, 2].filter((me) => rings(me, anyone, [], agents, 19))).toEqual([1]);
    expect([1, 2].filter((me) => rings(me, anyone, [], agents, 20))).toEqual([1, 2]);
  });

  it("does not ring for who is not of this desk, nor outside of its team", () => {
    expect(rings(9, anyone, [], [agent(1, "busy")], 60)).toBe(false);
    const agents = [agent(1, "busy"), agent(2, "available")];
    expect([1, 2].filter((me) => rings(me, anyone, [1], agents, 60))).toEqual([1]);
    expect([mayAnswer(1, anyone, [1]), mayAnswer(2, anyone, [1]), mayAnswer(2, anyone, [])]).toEqual([true, false, true]);
  });
});
