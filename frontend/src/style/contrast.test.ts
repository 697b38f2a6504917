// DESIGN.md promises 4.5:1 for text and 3:1 for marks in both themes: measured on the tokens themselves.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const css = readFileSync(join(process.cwd(), "src/style/tokens.css"), "utf8");
const tokens = (block: string): Record<string, string> => Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
const [light, dark] = css.split(':root[data-theme="dark"]').map(tokens) as [Record<string, string>, Record<string, string>];

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["ground", "pane", "raised", "customer", "agent", "note", "success-note", "ai-soft", "ai-softer"];
const text: [string, string[]][] = [
  ["ink", [...grounds, "sunk", "late-soft", "soon-soft"]],
  ["ink-2", ["ground", "pane", "raised", "sunk", "agent", "note", "success-note", "ai-soft"]],
  ["ai", ["ground", "pane", "raised", "ai-soft"]],
  ["waiting", ["pane", "ai-soft"]],
  ["soon", ["pane", "soon-soft"]],
  ["late", ["pane", "raised", "late-soft"]],
  ["met", ["pane", "raised", "met-soft"]],
  ["on-solid", ["ai-solid", "late-solid"]],
];
const marks: [string, string[]][] = ["channel-line", "channel-email", "channel-chat", "channel-phone"].map((name) => [name, ["ground", "pane", "raised", "ai-soft"]]);

describe.each([["light", light], ["dark", dark]])("the %s theme", (_, theme) => {
  const low = (pairs: [string, string[]][], least: number): string[] =>
    pairs.flatMap(([front, backs]) => backs.filter((back) => contrast(theme[front]!, theme[back]!) < least).map((back) => `${front} on ${back} ${contrast(theme[front]!, theme[back]!).toFixed(2)}`));

  it("holds 4.5:1 for text", () => expect(low(text, 4.5)).toEqual([]));
  it("holds 3:1 for marks", () => expect(low(marks, 3)).toEqual([]));
});
