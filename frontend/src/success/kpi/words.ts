// A figure as people read it; nothing counted is a dash, never a zero.
export function shown(kind: "ratio" | "money" | "days", value: number | null, language: string): string {
  if (value === null) return "–";
  if (kind === "ratio") return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(value);
  const said = new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value);
  return kind === "money" ? said : language === "ja" ? `${said} 日` : `${said} days`;
}
