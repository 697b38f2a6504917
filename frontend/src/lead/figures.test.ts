import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { better, changed, daysOf, duration, madeOf, strength, told } from "@/lead/figures";

const today = new Date(2026, 2, 1); // 1 March

describe("periods", () => {
  it("have both of their ends", () => {
    expect(daysOf("today", today)).toEqual({ first: "2026-03-01", last: "2026-03-01" });
    expect(daysOf("d7", today)).toEqual({ first: "2026-02-23", last: "2026-03-01" });
    expect(daysOf("month", today)).toEqual({ first: "2026-03-01", last: "2026-03-01" });
    expect(daysOf("lastMonth", today)).toEqual({ first: "2026-02-01", last: "2026-02-28" });
    expect(daysOf("lastMonth", new Date(2026, 0, 31))).toEqual({ first: "2025-12-01", last: "2025-12-31" });
  });
});

describe("figures", () => {
  it("are a dash without data, never 0", () => {
    expect(told({ kind: "ratio" }, null, "ja")).toBe("–");
    expect(told({ kind: "duration" }, null, "en")).toBe("–");
    expect(told({ kind: "ratio" }, 0, "ja")).toBe("0.0%");
    expect(told({ kind: "count" }, 12345, "ja")).toBe("12,345");
  });

  it("tell time as exactly as one can use", () => {
    expect([4, 125, 3540, 11_520, 259_200].map((s) => duration(s, "ja"))).toEqual(["4秒", "2分5秒", "59分", "3時間12分", "3.0日"]);
    expect(duration(125, "en")).toBe("2 min 5 s");
    expect(duration(3599, "en")).toBe("1 h 0 min");
  });

  it("compare with the period before, in points or percent, and know which way is good", () => {
    expect(changed({ kind: "ratio", change: 0.031 })).toBe("+3.1 pt");
    expect(changed({ kind: "duration", change: -0.124 })).toBe("-12%");
    expect(changed({ kind: "count", change: null })).toBe("");
    expect(changed({ kind: "ratio", change: 0.0001 })).toBe("±0 pt");
    expect([better({ change: 0.1, good: "up" }), better({ change: 0.1, good: "down" }), better({ change: 0.1, good: "" })]).toEqual([true, false, null]);
  });

  it("say what they are made of", () => {
    expect(madeOf({ kind: "ratio", unit: "rows", numerator: 3, denominator: 4 }, "en")).toEqual({ key: "of", n: "3", d: "4" });
    expect(madeOf({ kind: "duration", unit: "rows", numerator: 900, denominator: 4 }, "en").n).toBe("4");
    expect(madeOf({ kind: "ratio", unit: "seconds", numerator: 3600, denominator: 7200 }, "en")).toEqual({ key: "countedSeconds", n: "1 h 0 min", d: "2 h 0 min" });
  });
});

describe("the heat map", () => {
  it("stays readable on its strongest cell in both themes", () => {
    expect(strength(10, 10)).toBe(45);
    expect(strength(0, 0)).toBe(0);
    const css = readFileSync(join(process.cwd(), "src/style/tokens.css"), "utf8");
    for (const block of css.split(':root[data-theme="dark"]')) {
      const token = (name: string): number[] => [1, 3, 5].map((at) => parseInt(block.match(new RegExp(`--${name}: (#[0-9a-f]{6})`))![1]!.slice(at, at + 2), 16));
      const [ai, pane, ink] = [token("ai"), token("pane"), token("ink")];
      const light = (rgb: number[]): number => rgb.map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at]!, 0);
      const cell = pane.map((c, at) => c * 0.55 + ai[at]! * 0.45);
      const [high, low] = [light(cell), light(ink)].sort((x, y) => y - x) as [number, number];
      expect((high + 0.05) / (low + 0.05)).toBeGreaterThan(4.5);
    }
  });
});
