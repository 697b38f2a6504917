// What is offered to me now: read when the news tell of an offer, so that every window of mine shows the same.
import { shallowRef } from "vue";
import { api, type Offer, type TicketRow } from "@/api";
import { may } from "@/store";

export const offers = shallowRef<Offer[]>([]);

export async function loadOffers(): Promise<void> {
  offers.value = may("ticket.work") ? await api.routing.offers() : [];
}

const without = (id: number): Offer[] => offers.value.filter((offer) => offer.id !== id);

/** Shown as gone at once; when the server refuses, what really is there is read again. */
async function settle<T>(id: number, call: () => Promise<T>): Promise<T> {
  offers.value = without(id);
  try {
    return await call();
  } catch (error) {
    await loadOffers().catch(() => undefined);
    throw error;
  }
}

export const accept = (id: number): Promise<TicketRow> => settle(id, () => api.routing.accept(id));
export const decline = (id: number): Promise<null> => settle(id, () => api.routing.decline(id));

/** How much of the time to answer is left, from 1 to 0. */
export function left(offer: Pick<Offer, "offered_at" | "expires_at">, now: number): number {
  const given = Date.parse(offer.expires_at) - Date.parse(offer.offered_at);
  return Math.min(1, Math.max(0, (Date.parse(offer.expires_at) - now) / Math.max(1, given)));
}
