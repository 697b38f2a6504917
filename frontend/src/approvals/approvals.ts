// What waits for a lead in the tickets that are on screen. Follows the ticket's log: each event of an approval reads again.
import { computed, shallowReactive, watch } from "vue";
import { approvals, type TicketApprovals } from "@/api/approvals";
import { state } from "@/store";

const known = shallowReactive(new Map<number, TicketApprovals>());

export async function readApprovals(number: number): Promise<void> {
  const found = await approvals.of(number).catch(() => null);
  if (found) known.set(number, found);
}

export function useApprovals(number: number) {
  const told = computed(() => state.value.details.get(number)?.events.findLast((event) => event.kind.startsWith("approval."))?.id ?? 0);
  const team = computed(() => state.value.tickets.get(number)?.team_id);
  watch([told, team], () => void readApprovals(number), { immediate: true });
  const needed = computed(() => known.get(number)?.needed ?? false);
  const items = computed(() => known.get(number)?.items ?? []);
  return { needed, items };
}
