import { describe, expect, it } from "vitest";
import type { ThreadOut } from "@/api";
import { costOf, naturalThread, split } from "@/composer/cost";
import { message } from "@/live/samples";

const now = Date.parse("2026-03-02T03:00:00Z");
const thread = (id: number, reply: Partial<ThreadOut["reply"]> = {}, rest: Partial<ThreadOut> = {}): ThreadOut => ({
  id, channel: "line", inbox_id: 1, identity_id: 1, address: "佐藤", subject: "", reachable: true, reach_code: "", current: true, participants: [],
  quota: { limit: 200, used: 47 }, ...rest,
  reply: { possible: true, reason: "", via: "push", cost: 1, free_until: null, text_units: 5000, unit: "utf16", html: false, subject: false, files: "link", ...reply },
});

describe("what an answer costs", () => {
  it("is nothing while the reply token lives, counted down by the second", () => {
    expect(costOf(thread(1, { via: "reply", cost: 0, free_until: "2026-03-02T03:00:32Z" }), now)).toEqual({ kind: "free", seconds: 32 });
  });

  it("turns into a push when the token has died, without asking the server again", () => {
    expect(costOf(thread(1, { via: "reply", cost: 0, free_until: "2026-03-02T02:59:59Z" }), now)).toEqual({ kind: "counted", n: 1, left: 153 });
  });

  it("is one for each request of up to five messages", () => {
    expect(costOf(thread(1), now, 6)).toEqual({ kind: "counted", n: 2, left: 153 });
    expect(costOf(thread(1, {}, { quota: { limit: null, used: 9 } }), now)).toEqual({ kind: "counted", n: 1, left: null });
  });

  it("L22 warns from 80 % of the month's messages on", () => {
    const warned = (used: number) => costOf(thread(1, {}, { quota: { limit: 200, used } }), now);
    expect(warned(159)).toEqual({ kind: "counted", n: 1, left: 41 });
    expect(warned(160)).toEqual({ kind: "counted", n: 1, left: 40, warned: 80 });
    expect(warned(201)).toEqual({ kind: "counted", n: 1, left: 0, warned: 100 });
  });

  it("is nothing for a mail or a chat", () => {
    expect(costOf(thread(1, { via: "smtp", cost: 0 }), now)).toEqual({ kind: "none" });
  });
});

describe("the natural thread", () => {
  it("is where the customer wrote last, even when it is blocked: the reason must be seen", () => {
    const threads = [thread(1), thread(2, { possible: false, reason: "blocked" })];
    expect(naturalThread(threads, [message(1, { thread_id: 1 }), message(2, { thread_id: 2 })])!.id).toBe(2);
  });

  it("is one that can be answered when the customer has not written", () => {
    expect(naturalThread([thread(1, { possible: false }), thread(2)], [])!.id).toBe(2);
  });
});

describe("a long text", () => {
  it("is cut at a paragraph or behind a sentence, counted in UTF-16 units", () => {
    expect(split("あいうえお。かきくけこ。さしすせそ", 12)).toEqual(["あいうえお。かきくけこ。", "さしすせそ"]);
    expect(split(`${"あ".repeat(8)}\n\n${"い".repeat(8)}`, 12)).toEqual(["あ".repeat(8), "い".repeat(8)]);
  });

  it("never loses a character and never halves one", () => {
    const text = "👨‍👩‍👧‍👦🍎".repeat(40);
    const pieces = split(text, 25);
    expect(pieces.join("")).toBe(text);
    for (const piece of pieces) {
      expect(piece.length).toBeLessThanOrEqual(25);
      expect(piece).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/);
    }
  });

  it("that fits stays whole", () => expect(split("短い", 5000)).toEqual(["短い"]));
});
