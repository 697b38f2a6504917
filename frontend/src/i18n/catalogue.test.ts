// Every string exists in both languages, none is missing and none lies unused.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import en from "@/i18n/en";
import ja from "@/i18n/ja";

function flatten(value: object, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "string") found.set(prefix + key, inner);
    else for (const [path, text] of flatten(inner as object, `${prefix}${key}.`)) found.set(path, text);
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "client" ? [] : sources(path);
    return /\.(vue|ts)$/.test(name) && !/\.test\.ts$|i18n\/(ja|en)\//.test(path) ? [readFileSync(path, "utf8")] : [];
  });
}

const root = join(process.cwd(), "src");
const code = sources(root).join("\n");
const [words, english] = [flatten(ja), flatten(en)];

/** "queue.empty" from t("queue.empty") and from ternaries inside t(...); "view." from t(`view.${...}`). */
const literals = new Set([...code.matchAll(/["'`]([a-z][A-Za-z]*(?:\.[A-Za-z0-9_]+)+)["'`]/g)].map((match) => match[1]!));
const called = new Set([...code.matchAll(/\bte?\(\s*["'`]([a-zA-Z][\w.]*)["'`]/g)].map((match) => match[1]!));
for (const match of code.matchAll(/\bt\([^()]*?\?\s*["']([\w.]+)["']\s*:\s*["']([\w.]+)["']/g)) [match[1]!, match[2]!].forEach((key) => called.add(key));
const calledPrefixes = [...code.matchAll(/\bte?\(\s*`([a-z][A-Za-z]*(?:\.[A-Za-z]+)*\.)\$\{/g)].map((match) => match[1]!);
const prefixes = [...code.matchAll(/`([a-z][A-Za-z]*(?:\.[A-Za-z]+)*\.)\$\{/g)].map((match) => match[1]!);

describe("the catalogues", () => {
  it("hold the same keys in Japanese and English", () => {
    expect([...words.keys()].filter((key) => !english.has(key))).toEqual([]);
    expect([...english.keys()].filter((key) => !words.has(key))).toEqual([]);
  });

  it("hold every key that the code asks for", () => {
    expect([...called].filter((key) => !words.has(key))).toEqual([]);
    expect(calledPrefixes.filter((prefix) => ![...words.keys()].some((key) => key.startsWith(prefix)))).toEqual([]);
  });

  it("hold no key that nothing asks for", () => {
    const used = (key: string): boolean => literals.has(key) || prefixes.some((prefix) => key.startsWith(prefix) && !key.slice(prefix.length).includes("."));
    expect([...words.keys()].filter((key) => !used(key))).toEqual([]);
  });

  it("use the same values in both languages", () => {
    const values = (text: string): string => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))].sort().join();
    expect([...words].filter(([key, text]) => values(text) !== values(english.get(key) ?? "")).map(([key]) => key)).toEqual([]);
  });

  it("leave nothing empty", () => {
    expect([...words, ...english].filter(([, text]) => !text.trim()).map(([key]) => key)).toEqual([]);
  });
});
