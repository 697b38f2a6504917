// The address names the list: /desk/mine, /desk/team-3, /desk/channel-line?q=...&sort=updated
import type { TicketQuery } from "@/api";
import type { SavedView } from "@/api/views";
import { savedView } from "@/queue/views";
import type { IconName } from "@/ui/icons";

export const mainViews: { view: string; icon: IconName }[] = [
  { view: "open", icon: "inbox" },
  { view: "mine", icon: "person" },
  { view: "unassigned", icon: "hand" },
  { view: "approval", icon: "check" },
  { view: "pending", icon: "clock" },
  { view: "snoozed", icon: "moon" },
];

export const moreViews: { view: string; icon: IconName }[] = [
  { view: "resolved", icon: "check" },
  { view: "closed", icon: "lock" },
  { view: "spam", icon: "ban" },
  { view: "all", icon: "layers" },
];

const finished = new Set(["resolved", "closed", "spam", "all"]);

export function queryOf(view: string, search: { q?: unknown; sort?: unknown }): TicketQuery {
  const [kind, rest] = view.split("-", 2) as [string, string | undefined];
  const q = typeof search.q === "string" && search.q.trim() ? search.q.trim() : undefined;
  const kept = savedView(view);
  if (kept) return savedQuery(kept, q, search.sort);
  const base = kind === "team" ? { view: "team", team: Number(rest) } : kind === "channel" ? { view: "open", channel: rest } : { view };
  const chosen = search.sort === "due" || search.sort === "updated" ? search.sort : undefined;
  const sort = chosen ?? (finished.has(view) ? "updated" : "due");
  return { ...base, ...(q ? { q } : {}), sort };
}

function savedQuery(kept: SavedView, q: string | undefined, sort: unknown): TicketQuery {
  const { text, ...conditions } = kept.conditions;
  const said = Object.fromEntries(Object.entries(conditions).filter(([, value]) => value !== null && value !== undefined)) as unknown as TicketQuery;
  const words = q ?? (text || undefined);
  return { ...said, ...(words ? { q: words } : {}), sort: sort === "due" || sort === "updated" ? sort : kept.sort };
}

/** The key of a view's figure in GET /tickets/counts. */
export const countKey = (view: string): string => view.replace(/^(team|channel|saved)-/, "$1:");
export const capped = (count: number | undefined): string => (!count ? "" : count > 99 ? "99+" : String(count));
