// The saved views that I see. The address names one: /desk/saved-12
import { shallowRef } from "vue";
import { views, type SavedView } from "@/api/views";

/** Null: not read yet. */
export const savedViews = shallowRef<SavedView[] | null>(null);
export const columnsOf = ["company", "preview", "priority", "tags", "status", "assignee"];

export async function loadViews(): Promise<void> {
  try {
    savedViews.value = await views.list();
  } catch {
    savedViews.value ??= []; // the banner tells of a lost connection; what was read stays
  }
}

export const savedView = (view: string): SavedView | undefined =>
  view.startsWith("saved-") ? savedViews.value?.find((each) => each.id === Number(view.slice(6))) : undefined;

/** The same people's views, with this one a place higher. */
export function raised(all: SavedView[], view: SavedView): number[] {
  const ids = all.filter((each) => each.agent_id === view.agent_id && each.team_id === view.team_id).map((each) => each.id);
  const at = ids.indexOf(view.id);
  if (at > 0) [ids[at - 1], ids[at]] = [ids[at]!, ids[at - 1]!];
  return ids;
}
