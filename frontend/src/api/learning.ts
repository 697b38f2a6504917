// What the desk learns from its cases: what crosses the wire, and the calls.
import { address, ask } from "@/api/http";
import type { Page } from "@/api/types";
import type {
  ArticleTaskOut, BacklogOut, CategoryOut, CountedForKnowledge, FlagIn, GapDismissIn, GapOut, OffersOut, ReportOut, TeamCaptureOut, TicketKnowledge, WaiverIn,
} from "@/client/types.gen";

export type { ArticleTaskOut, BacklogOut, CountedForKnowledge, GapOut, TeamCaptureOut, TicketKnowledge };
export type WaiverReason = WaiverIn["reason"];
export type CaptureMode = TeamCaptureOut["mode"];
export type FlagReason = FlagIn["reason"];
export type Which = "all" | "hit" | "miss";
export const gapReasons: readonly GapDismissIn["reason"][] = ["not_worth", "exists", "product", "other"];
export const flagReasons: readonly FlagReason[] = ["wrong", "outdated", "unclear", "other"];

export interface FigureQuery {
  first?: string;
  last?: string;
  team?: number;
}

const gap = ({ kind, subject }: GapOut) => ({ kind, subject });
const figures = "/knowledge/figures";

export const learning = {
  of: (ticket: number) => ask<TicketKnowledge>("GET", `/tickets/${ticket}/knowledge`),
  waive: (ticket: number, body: WaiverIn) => ask<TicketKnowledge>("PUT", `/tickets/${ticket}/knowledge/waiver`, { body }),
  unwaive: (ticket: number) => ask<TicketKnowledge>("DELETE", `/tickets/${ticket}/knowledge/waiver`),
  judge: (ticket: number, article: number, accurate: boolean | null) => ask<TicketKnowledge>("PATCH", `/tickets/${ticket}/articles/${article}`, { body: { accurate } }),
  unlink: (ticket: number, article: number) => ask<null>("DELETE", `/tickets/${ticket}/articles/${article}`),
  teams: () => ask<TeamCaptureOut[]>("GET", "/knowledge/teams"),
  askTeam: (team: number, mode: CaptureMode) => ask<TeamCaptureOut[]>("PUT", `/knowledge/teams/${team}`, { body: { mode } }),
  offers: () => ask<OffersOut>("GET", "/knowledge/offers"),
  setOffers: (inbox_ids: number[]) => ask<OffersOut>("PUT", "/knowledge/offers", { body: { inbox_ids } }),
  figures: (query: FigureQuery, signal?: AbortSignal) => ask<ReportOut>("GET", figures, { query: { ...query }, signal }),
  rows: (code: string, query: FigureQuery, which: Which, cursor: string | null) => ask<Page<CountedForKnowledge>>("GET", `${figures}/${code}/rows`, { query: { ...query, which, cursor } }),
  file: (query: FigureQuery) => address(`${figures}/export.csv`, { ...query }),
  fileOf: (code: string, query: FigureQuery, which: Which) => address(`${figures}/${code}/export.csv`, { ...query, which }),
  gaps: () => ask<BacklogOut>("GET", "/knowledge/gaps"),
  draftGap: (one: GapOut, locale: "ja" | "en") => ask<{ id: number }>("POST", "/knowledge/gaps/draft", { body: { ...gap(one), locale } }),
  dismissGap: (one: GapOut, reason: GapDismissIn["reason"], comment: string) => ask<null>("POST", "/knowledge/gaps/dismiss", { body: { ...gap(one), reason, comment } }),
  reopenGap: (one: GapOut) => ask<null>("POST", "/knowledge/gaps/reopen", { body: gap(one) }),
  tasks: (mine: boolean) => ask<ArticleTaskOut[]>("GET", "/knowledge/tasks", { query: { mine } }),
  taskDone: (id: number, outcome: "fixed" | "kept") => ask<null>("POST", `/knowledge/tasks/${id}/done`, { body: { outcome } }),
  flag: (article: number, body: FlagIn) => ask<null>("POST", `/articles/${article}/flags`, { body }),
  addCategory: (body: { name_ja: string; name_en: string }) => ask<CategoryOut[]>("POST", "/article-categories", { body }),
  changeCategory: (id: number, body: { name_ja?: string; name_en?: string }) => ask<CategoryOut[]>("PATCH", `/article-categories/${id}`, { body }),
  orderCategories: (ids: number[]) => ask<CategoryOut[]>("PUT", "/article-categories/order", { body: { ids } }),
  removeCategory: (id: number) => ask<CategoryOut[]>("DELETE", `/article-categories/${id}`),
};
