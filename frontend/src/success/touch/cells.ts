// Cells of the matrix: where they hold, which one decides, and how they are told in words.
import type { Cell, InquiryKind } from "@/api/touch";
import { kindName } from "@/success/background/kinds";

export const ANY = "*";
export const TIERS = ["high", "low", "tech", ANY] as const;
export const CHANNELS = ["line", "email", "chat", "phone"] as const;
export const HOURS = ["in", "out"] as const;
export const OWNERS = ["support", "pool", "manager"] as const;
const DIMENSIONS = ["tier", "kind", "channel", "hours"] as const;
type Place = Pick<Cell, (typeof DIMENSIONS)[number]>;
type Words = (key: string, values?: Record<string, unknown>) => string;

export const blank = (tier: string, kind: string): Cell => ({ tier, kind, channel: ANY, hours: ANY, owner: "support", form: "", copy: false, team_id: null, policy_id: null });
export const samePlace = (one: Place, other: Place): boolean => DIMENSIONS.every((name) => one[name] === other[name]);
const weight = (cell: Place): number => DIMENSIONS.filter((name) => cell[name] !== ANY).length;
const fits = (cell: Place, at: Place): boolean => DIMENSIONS.every((name) => cell[name] === ANY || cell[name] === at[name]);

/** The cell that decides at a place of the grid, at any channel and hour. */
export const deciding = (cells: Cell[], at: Place): Cell | null =>
  cells.filter((cell) => fits(cell, at)).reduce<Cell | null>((best, cell) => (best === null || weight(cell) > weight(best) ? cell : best), null);

/** Those that hold at this tier and kind only on some channel or in some hours. */
export const exceptions = (cells: Cell[], tier: string, kind: string): Cell[] =>
  cells.filter((cell) => cell.tier === tier && cell.kind === kind && (cell.channel !== ANY || cell.hours !== ANY));

export function placeWords(place: Record<string, unknown>, kinds: InquiryKind[], t: Words, language: string): string {
  const said = {
    tier: (code: string) => (code ? t(`tier.${code}`) : t("touch.noTier")),
    kind: (code: string) => (code ? kindName(kinds, code, language) : t("touch.noKind")),
    channel: (code: string) => t(`channel.${code}`),
    hours: (code: string) => t(`touch.hours.${code}`),
  };
  const parts = DIMENSIONS.filter((name) => place[name] !== undefined && place[name] !== ANY).map((name) => said[name](String(place[name])));
  return parts.join(" · ") || t("touch.everywhere");
}
