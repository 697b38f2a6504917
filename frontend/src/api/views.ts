// Saved views: what crosses the wire, and the calls.
import { ask } from "@/api/http";

export interface ViewConditions {
  view: string;
  team?: number | null;
  channel?: string | null;
  status?: string | null;
  priority?: string | null;
  assignee?: number | null;
  tag?: number | null;
  text?: string | null;
}

export interface ViewBody {
  name: string;
  conditions: ViewConditions;
  sort: "due" | "updated";
  columns: string[];
}

export interface SavedView extends ViewBody {
  id: number;
  agent_id: number | null;
  team_id: number | null;
}

export const views = {
  list: () => ask<SavedView[]>("GET", "/views"),
  add: (body: ViewBody & { shared: "mine" | "team" | "all"; team_id: number | null }) => ask<SavedView>("POST", "/views", { body }),
  change: (id: number, body: ViewBody) => ask<SavedView>("PATCH", `/views/${id}`, { body }),
  order: (view_ids: number[]) => ask<null>("PUT", "/views/order", { body: { view_ids } }),
  remove: (id: number) => ask<null>("DELETE", `/views/${id}`),
};
