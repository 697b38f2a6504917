// Reports of harassment, and hints at expansion: every call of their screens.
import { ask } from "@/api/http";
import type * as G from "@/client/types.gen";

export type { HarassmentOut as Report, HarassmentList, ListedHarassment, TicketHarassment } from "@/client/types.gen";

export const harassment = {
  ofTicket: (number: number) => ask<G.TicketHarassment>("GET", `/tickets/${number}/harassment`),
  report: (number: number, body: { category: string; reason: string; care: string }) => ask<G.HarassmentOut>("POST", `/tickets/${number}/harassment`, { body }),
  list: (standing: boolean) => ask<G.HarassmentList>("GET", "/harassment", { query: { standing } }),
  take: (id: number) => ask<G.HarassmentOut>("POST", `/harassment/${id}/take`),
  arrange: (id: number, arranged: string, review_on: string | null) => ask<G.HarassmentOut>("PUT", `/harassment/${id}/arrangement`, { body: { arranged, review_on } }),
  lift: (id: number, reason: string) => ask<G.HarassmentOut>("POST", `/harassment/${id}/lift`, { body: { reason } }),
};

export const hint = (number: number, message: number, note: string) => ask<G.HandoverOut>("POST", `/tickets/${number}/messages/${message}/hint`, { body: { note } });
