// What figures look like, and which days a period has. Pure.
import type { FigureOut } from "@/api";

export type Preset = "today" | "d7" | "d28" | "d90" | "month" | "lastMonth" | "custom";
export const presets: Preset[] = ["today", "d7", "d28", "d90", "month", "lastMonth", "custom"];
export const dash = "–";

export interface Days {
  first: string;
  last: string;
}

const iso = (date: Date): string => `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;

/** The days of a preset, both included, seen from `today` (a local date). */
export function daysOf(preset: Preset, today: Date): Days {
  const at = (months: number, day: number): string => iso(new Date(today.getFullYear(), today.getMonth() + months, day));
  const back = (days: number): string => iso(new Date(today.getFullYear(), today.getMonth(), today.getDate() - days));
  if (preset === "month") return { first: at(0, 1), last: back(0) };
  if (preset === "lastMonth") return { first: at(-1, 1), last: at(0, 0) };
  const length = { today: 1, d7: 7, d28: 28, d90: 90, custom: 28 }[preset];
  return { first: back(length - 1), last: back(0) };
}

/** 4.2 s, 2:05, 3 h 12 min, 2.5 d: as exact as one can use. */
export function duration(seconds: number | null, language: string): string {
  if (seconds === null) return dash;
  const ja = language === "ja";
  if (seconds < 60) return `${Math.round(seconds)}${ja ? "秒" : " s"}`;
  const minutes = Math.round(seconds / 60);
  if (seconds < 600) return `${Math.floor(Math.round(seconds) / 60)}${ja ? "分" : " min"}${ja ? "" : " "}${Math.round(seconds) % 60}${ja ? "秒" : " s"}`;
  if (minutes < 60) return `${minutes}${ja ? "分" : " min"}`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}${ja ? "時間" : " h"}${ja ? "" : " "}${minutes % 60}${ja ? "分" : " min"}`;
  return `${(minutes / 1440).toFixed(1)}${ja ? "日" : " d"}`;
}

const number = (value: number, language: string): string => new Intl.NumberFormat(language === "ja" ? "ja-JP" : "en-GB", { maximumFractionDigits: 1 }).format(value);

export const percent = (value: number | null): string => (value === null ? dash : `${(value * 100).toFixed(1)}%`);

type Kind = Pick<FigureOut, "kind">;

/** A figure without data is a dash, never 0. */
export function told(figure: Kind, value: number | null, language: string): string {
  if (value === null) return dash;
  if (figure.kind === "ratio") return percent(value);
  if (figure.kind === "mean") return value.toFixed(2);
  return figure.kind === "duration" ? duration(value, language) : number(value, language);
}

/** "+3.1 pt", "-12%"; empty when there is nothing to compare with. */
export function changed(figure: Kind & Pick<FigureOut, "change">): string {
  if (figure.change === null) return "";
  const points = figure.kind === "ratio";
  const shown = (figure.change * 100).toFixed(points ? 1 : 0);
  return `${Number(shown) > 0 ? "+" : ""}${Number(shown) === 0 ? "±0" : shown}${points ? " pt" : "%"}`;
}

/** Whether the change is for the better; null when neither, or when nobody can say. */
export function better(figure: Pick<FigureOut, "change" | "good">): boolean | null {
  if (!figure.change || !figure.good) return null;
  return figure.change > 0 === (figure.good === "up");
}

/** What the figure was made of, in its own unit. */
export function madeOf(figure: Pick<FigureOut, "kind" | "unit" | "numerator" | "denominator">, language: string): { key: "of" | "counted" | "countedSeconds"; n: string; d: string } {
  if (figure.unit === "seconds") return { key: "countedSeconds", n: duration(figure.numerator, language), d: duration(figure.denominator, language) };
  if (figure.kind === "ratio") return { key: "of", n: number(figure.numerator, language), d: number(figure.denominator, language) };
  return { key: "counted", n: number(figure.kind === "duration" || figure.kind === "mean" ? figure.denominator : figure.numerator, language), d: "" };
}

/** How strong a cell of the heat map is, 0 to 45 %: its figure stays readable on it in both themes. */
export const strength = (value: number, most: number): number => (most > 0 ? Math.round((value / most) * 45) : 0);
