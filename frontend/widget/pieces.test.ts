import { describe, expect, it } from "vitest";
import { opened, wrapped } from "./bridge";
import { contrast, inkOn, readableOn } from "./colour";
import { openKeep } from "./keep";
import { pickLanguage } from "./language";
import { launcherWords } from "./launcher-words";
import { linesOf } from "./lines";
import { pause } from "./link";
import type { Message } from "./protocol";
import { begin, type Draft } from "./thread";
import { dayName, languageOf, linked, looksLikeEmail, sends, size } from "./text";
import { sayIn, words } from "./words";

const colours = ["#ffffff", "#000000", "#2b4c7e", "#ff0000", "#00ff00", "#ffd700", "#777777", "#767676", "#06c755", "#e60012"];

describe("W13 contrast with any brand colour", () => {
  it.each(colours)("%s", (color) => {
    expect(contrast(color, inkOn(color))).toBeGreaterThanOrEqual(4.5);
    for (const ground of ["#f4f1ea", "#2a2825"]) expect(contrast(readableOn(color, ground), ground)).toBeGreaterThanOrEqual(4.5);
  });

  it("leaves a readable colour as it is", () => expect(readableOn("#2b4c7e", "#f4f1ea")).toBe("#2b4c7e"));
});

describe("W13 Enter", () => {
  const key = (more: object) => ({ key: "Enter", shiftKey: false, ctrlKey: false, metaKey: false, isComposing: false, keyCode: 13, ...more });
  it.each([
    [{}, false, true],
    [{ shiftKey: true }, false, false],
    [{ isComposing: true }, false, false],
    [{ keyCode: 229 }, false, false], // Safari ends the composition before this key
    [{ isComposing: true, ctrlKey: true }, false, false],
    [{}, true, false], // a touch keyboard's Enter makes a line
    [{ ctrlKey: true }, true, true],
    [{ key: "a" }, false, false],
  ])("%j on touch %j sends: %j", (more, touch, expected) => expect(sends(key(more), touch)).toBe(expected));
});

describe("links", () => {
  const hrefs = (text: string) => linked(text).flatMap(({ href }) => href ?? []);
  it.each([
    ["見てください https://mikawaya.example/soy?a=1#b。", ["https://mikawaya.example/soy?a=1#b"]],
    ["(https://a.example/x)", ["https://a.example/x"]],
    ["https://a.example/x_(y) と http://b.example.", ["https://a.example/x_(y)", "http://b.example"]],
    ["「https://a.example」", ["https://a.example"]],
    ["javascript:alert(1) data:text/html,x ftp://a.example", []],
    ["https://", []],
  ])("%s", (text, expected) => {
    expect(hrefs(text)).toEqual(expected);
    expect(linked(text).map((piece) => piece.text).join("")).toBe(text);
  });
});

describe("small things", () => {
  it("names the language of a text that is not the page's", () => {
    expect([languageOf("はい", "en"), languageOf("はい", "ja"), languageOf("Hello there", "ja"), languageOf("Hello", "en"), languageOf("在庫 OK", "ja")])
      .toEqual(["ja", null, "en", null, null]);
  });

  it("writes sizes", () => expect([size(12), size(2048), size(1572864), size(null)]).toEqual(["12 B", "2 KB", "1.5 MB", ""]));

  it("names days", () => {
    const now = new Date(2026, 0, 1, 9);
    const day = (d: Date) => dayName(d.toISOString(), now, "ja");
    expect([day(now), day(new Date(2025, 11, 31, 23)), day(new Date(2025, 11, 30))]).toEqual(["today", "yesterday", "2025年12月30日(火)"]);
  });

  it("knows an address when it sees one", () => expect(["a@b.jp", "a@b", "a b@c.jp", ""].map(looksLikeEmail)).toEqual([true, false, false, false]));

  it("picks the language", () => {
    expect([pickLanguage(null, "en-US"), pickLanguage("ja-JP", "en"), pickLanguage(null, ""), pickLanguage("fr")]).toEqual(["en", "ja", "ja", "en"]);
  });

  it("has every word in both languages, with the same parameters", () => {
    const params = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    expect(Object.keys(words.en)).toEqual(Object.keys(words.ja));
    const both = [words, launcherWords].map(({ ja, en }) => [ja, en] as Record<string, string>[]);
    for (const [key, text, other] of both.flatMap(([ja, en]) => Object.entries(ja ?? {}).map(([key, text]) => [key, text, en?.[key] ?? ""] as const))) {
      expect([text, other].every(Boolean), key).toBe(true);
      expect(params(text), key).toEqual(params(other));
    }
    expect(sayIn("ja")("file.going", { n: 20 })).toContain("20%");
  });
});

describe("W5 the pause before the next attempt", () => {
  it("grows from 1 to 30 s and is spread out", () => {
    for (const chance of [0, 0.5, 1]) {
      const pauses = [...Array(40).keys()].map((attempt) => pause(attempt, chance));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1000);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(30_000);
      expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    }
    expect(pause(6, 1)).toBe(30_000);
    expect(pause(6, 0)).toBe(15_000);
  });
});

describe("W1 the bridge", () => {
  const other = {} as Window;
  const event = (data: unknown, source: unknown = other, origin = "https://shop.example") => ({ data, source, origin }) as MessageEvent;
  it("hears only the right window of the right origin, in the right words", () => {
    expect(opened(event(wrapped({ type: "close" })), other, "https://shop.example")).toEqual({ type: "close" });
    expect(opened(event(wrapped({ type: "close" })), null, "https://shop.example")).toBeNull();
    expect(opened(event(wrapped({ type: "close" }), {}), other, "https://shop.example")).toBeNull();
    expect(opened(event(wrapped({ type: "close" }), other, "https://evil.example"), other, "https://shop.example")).toBeNull();
    for (const data of [null, "close", 1, {}, { mikawaya: 2, said: 1 }]) expect(opened(event(data), other, "https://shop.example")).toBeNull();
  });
});

describe("what is kept", () => {
  const draft = (client_id: string, at: string): Draft => ({ client_id, text: "x", files: [], at, state: "waiting" });
  const broken = { getItem: () => { throw new Error("closed"); }, setItem: () => { throw new Error("closed"); }, removeItem: () => { throw new Error("closed"); } };

  it.each([["storage", window.localStorage], ["no storage", null], ["closed storage", broken as unknown as Storage]])("drafts live in %s", (_, storage) => {
    const keep = openKeep("w1", { storage });
    const [a, b] = [draft("a", "2026-07-01T03:00:02Z"), draft("b", "2026-07-01T03:00:01Z")];
    keep.keepDrafts([a, b], []);
    expect(keep.drafts().map(({ client_id }) => client_id)).toEqual(["b", "a"]);
    keep.keepDrafts([b], [a, b]);
    expect(keep.drafts()).toEqual([b]);
    keep.set("visitor", "v");
    expect(keep.get("visitor")).toBe("v");
    keep.clear();
    expect([keep.get("visitor"), keep.drafts()]).toEqual([null, []]);
  });

  it("gives to the page what it cannot keep itself, and takes it back", () => {
    const safe: Record<string, string> = {};
    const mirror = (name: string, value: string | null): void => void (value === null ? delete safe[name] : (safe[name] = value));
    const first = openKeep("w1", { storage: null, mirror });
    first.set("visitor", "v");
    first.keepDrafts([draft("a", "1")], []);
    const next = openKeep("w1", { storage: null, mirror });
    next.fill({ ...safe });
    expect([next.get("visitor"), next.drafts().map(({ client_id }) => client_id)]).toEqual(["v", ["a"]]);
    next.clear();
    expect(safe).toEqual({});
    const own = openKeep("w1", { mirror });
    own.set("visitor", "mine");
    own.fill({ visitor: "older" });
    expect([safe, own.get("visitor")]).toEqual([{}, "mine"]);
    own.clear();
  });

  it("leaves other widgets and other tabs' drafts alone, and skips what it cannot read", () => {
    const [one, other] = [openKeep("w1"), openKeep("w2")];
    other.set("visitor", "v2");
    one.keepDrafts([draft("a", "1")], []);
    openKeep("w1").keepDrafts([draft("b", "2")], []);
    one.set("out:c", "{broken");
    expect(one.drafts().map(({ client_id }) => client_id)).toEqual(["a", "b"]);
    one.clear();
    expect(other.get("visitor")).toBe("v2");
    other.clear();
  });
});

describe("lines of the log", () => {
  const message = (seq: number, from: Message["from"], at: string): Message =>
    ({ seq, id: seq, from, name: from === "agent" ? "みか" : "", text: "x", html: "", at, files: [], client_id: from === "visitor" ? `c${seq}` : null, unsent: false });
  const day = (hour: number, date = 1): string => new Date(2026, 6, date, hour).toISOString();

  it("parts days, groups by hand, and says what became of the visitor's words", () => {
    const messages = [
      message(1, "visitor", day(9)), message(2, "agent", day(10)), message(3, "agent", day(10)),
      message(4, "visitor", day(11, 2)), message(5, "visitor", day(11, 2)),
    ];
    const outbox: Draft[] = [{ client_id: "d", text: "y", files: [], at: day(11, 2), state: "waiting" }];
    const thread = begin({ link: "open", messages, outbox, agentSeen: 4 });
    const shape = linesOf(thread, new Date(2026, 6, 2, 12), "ja").map((line) =>
      line.kind === "day" ? line.name : `${line.key} ${line.first ? "first" : "-"} ${line.state || "-"}`,
    );
    expect(shape).toEqual(["yesterday", "c1 first -", "seq:2 first -", "seq:3 - -", "today", "c4 first read", "c5 - sent", "d - waiting"]);
    expect(linesOf({ ...thread, link: "lost" }, new Date(), "ja").at(-1)).toMatchObject({ state: "offline" });
  });
});
