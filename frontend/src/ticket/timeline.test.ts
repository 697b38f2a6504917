import { describe, expect, it } from "vitest";
import { event, message } from "@/live/samples";
import { pieces } from "@/ticket/links";
import { fold, hasRemoteImages, isRich, timeline } from "@/ticket/timeline";

describe("the timeline", () => {
  it("parts days, groups one writer's run and gathers changes", () => {
    const entries = timeline([message(1), message(2), message(3, { author: "agent", agent_id: 1, direction: "out" }), message(4, { sent_at: "2026-03-05T01:00:00Z" })], [event(10, "ticket.tagged"), event(11, "ticket.priority"), event(12, "message.sent")], false);
    expect(entries.map((entry) => (entry.type === "message" ? `${entry.message.id}${entry.lead ? "!" : ""}` : entry.type === "events" ? `e${entry.events.length}` : "day"))).toEqual(["day", "1!", "2", "3!", "e2", "day", "4!"]);
  });

  it("keeps the key of a bubble when the server's row replaces it, so that it does not blink", () => {
    const keys = (id: number) => timeline([message(id, { client_id: "c1" })], [], false).map((entry) => entry.key);
    expect(keys(-1)[1]).toBe(keys(7)[1]);
  });

  it("shows no change from before the first loaded message", () => {
    const entries = timeline([message(30)], [event(1, "ticket.opened")], true);
    expect(entries.some((entry) => entry.type === "events")).toBe(false);
  });
});

describe("a mail", () => {
  it("is folded where the server says, counted in characters", () => {
    expect(fold("👍 ok\n> old", 5)).toEqual(["👍 ok", "> old"]);
    expect(fold("all", null)).toEqual(["all", ""]);
    expect(fold("> only a quote", 0)).toEqual(["> only a quote", ""]);
  });

  it("is shown with its format only where that carries meaning", () => {
    expect([isRich("<p>hi</p>"), isRich("<table><tr><td>1"), isRich('<img src="cid:1">')]).toEqual([false, true, true]);
  });

  it("with pictures from elsewhere is known", () => {
    expect(hasRemoteImages('<p><img width=1 src="https://t.example/x.png">')).toBe(true);
    expect(hasRemoteImages('<img src="cid:abc"><img src="data:image/png;base64,AA">')).toBe(false);
  });
});

describe("links in text", () => {
  it("end before punctuation, Japanese too, and are http only", () => {
    expect(pieces("見て https://a.example/x?y=1。次").filter((piece) => piece.href).map((piece) => piece.href)).toEqual(["https://a.example/x?y=1"]);
    expect(pieces("(https://a.example/b).").find((piece) => piece.href)!.href).toBe("https://a.example/b");
    expect(pieces("javascript:alert(1)").some((piece) => piece.href)).toBe(false);
    expect(pieces("a https://b.example c").map((piece) => piece.text).join("")).toBe("a https://b.example c");
  });
});
