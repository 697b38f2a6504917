import { describe, expect, it } from "vitest";
import { moveFor, sends, writes } from "@/desk/keys";
import { capped, countKey, queryOf } from "@/desk/view";

describe("keys", () => {
  it("move at the desk, and go by two strokes", () => {
    expect(moveFor({ key: "j" }, false, false)).toBe("next");
    expect(moveFor({ key: "?" }, false, false)).toBe("help");
    expect(moveFor({ key: "m" }, false, true)).toBe("go-mine");
    expect(moveFor({ key: "o" }, false, true)).toBe("go-open");
  });

  it("rest while somebody writes, but for Escape", () => {
    expect(moveFor({ key: "j" }, true, false)).toBeNull();
    expect(moveFor({ key: "Escape" }, true, false)).toBe("back");
  });

  it("rest while an input method composes, Escape included", () => {
    for (const stroke of [{ key: "j", isComposing: true }, { key: "Escape", isComposing: true }, { key: "Process", keyCode: 229 }]) {
      expect(moveFor(stroke, true, false)).toBeNull();
      expect(moveFor(stroke, false, false)).toBeNull();
    }
  });

  it("leave the browser its own", () => {
    expect(moveFor({ key: "r", ctrlKey: true }, false, false)).toBeNull();
    expect(moveFor({ key: "k", metaKey: true }, false, false)).toBeNull();
  });

  it("send with Ctrl or Cmd and Enter only, and never in the middle of a word", () => {
    expect(sends({ key: "Enter" })).toBe(false);
    expect(sends({ key: "Enter", ctrlKey: true })).toBe(true);
    expect(sends({ key: "Enter", metaKey: true })).toBe(true);
    expect(sends({ key: "Enter", ctrlKey: true, isComposing: true })).toBe(false);
    expect(sends({ key: "Enter", ctrlKey: true, keyCode: 229 })).toBe(false);
  });

  it("know what is for writing", () => {
    const box = document.createElement("input");
    expect(writes(box)).toBe(true);
    box.type = "checkbox";
    expect(writes(box)).toBe(false);
    expect(writes(document.createElement("div"))).toBe(false);
  });
});

describe("the address of a list", () => {
  it("names view, team, channel, search and order", () => {
    expect(queryOf("team-3", {})).toEqual({ view: "team", team: 3, sort: "due" });
    expect(queryOf("channel-line", { q: " 醤油 ", sort: "updated" })).toEqual({ view: "open", channel: "line", q: "醤油", sort: "updated" });
    expect(queryOf("resolved", {})).toEqual({ view: "resolved", sort: "updated" });
  });

  it("has its figure, capped", () => {
    expect([countKey("team-3"), countKey("mine")]).toEqual(["team:3", "mine"]);
    expect([capped(0), capped(7), capped(100)]).toEqual(["", "7", "99+"]);
  });
});
