// What is handed over from the tickets that are on screen, and who writes to their customers meanwhile.
import { computed, shallowReactive, watch } from "vue";
import { handovers, type Handover, type TicketHandovers } from "@/api/success";
import { me, state } from "@/store";

export const CAUSES = ["agent", "rule", "matrix", "health", "words", "rival", "executive", "csat", "repeats", "reopened", "breach", "harassment", "expansion"] as const;
export const FORMS = ["inform", "consult", "transfer"] as const;
export const OUTCOMES = ["solved", "saved", "renewed", "expanded", "lost", "none"] as const;
export const WRITTEN = ["facts", "asked", "tried", "promised", "told", "deadline"] as const;
export const SENTIMENTS = ["pleased", "calm", "worried", "upset", "angry"] as const;
export const isOpen = (one: Handover): boolean => one.state === "offered" || one.state === "accepted";

const known = shallowReactive(new Map<number, TicketHandovers>());

export async function readHandovers(number: number): Promise<void> {
  const found = await handovers.ofTicket(number).catch(() => null);
  if (found) known.set(number, found);
}

/** What was read of a ticket already: for the many small parts of its screen. */
export const hintable = (number: number): boolean => {
  const found = known.get(number);
  return (found?.may_hint ?? false) && !found!.items.some((one) => one.cause === "expansion" && isOpen(one));
};

/** Follows the ticket's log: each hand-over event reads again. */
export function useHandovers(number: number) {
  const told = computed(() => state.value.details.get(number)?.events.filter((event) => /^(handover\.|background\.|harassment\.)/.test(event.kind)).at(-1)?.id ?? 0);
  watch(told, () => void readHandovers(number), { immediate: true });
  const items = computed(() => known.get(number)?.items ?? []);
  const writer = computed(() => known.get(number)?.writer_id ?? null);
  const lead = computed(() => me.value?.role === "lead" || me.value?.role === "owner");
  const elsewhere = computed(() => writer.value !== null && writer.value !== me.value?.id);
  const mine = computed(() => writer.value !== null && writer.value === me.value?.id);
  const mayHint = computed(() => known.get(number)?.may_hint ?? false);
  return { items, mayHint, writer, elsewhere, mine, lead };
}
