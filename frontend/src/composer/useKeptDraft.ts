// The draft on the server: the same on every device, kept through a reassignment and a merge, shared when its writer wants.
import { onBeforeUnmount, ref, watch } from "vue";
import { api, type KeptDraft } from "@/api";
import { settle, type Draft } from "@/composer/drafts";
import { toastError } from "@/ui/toasts";

const PAUSE_MS = 2000;

/** `told`: changes when a draft of this ticket is shared or taken over. */
export function useKeptDraft(ticket: number, draft: Draft, told: () => unknown) {
  const shared = ref<KeptDraft[]>([]);
  let waits: ReturnType<typeof setTimeout> | undefined;

  async function read(): Promise<void> {
    try {
      const found = await api.tickets.drafts(ticket);
      shared.value = found.shared;
      Object.assign(draft, settle(draft, found.own));
    } catch {
      // A lost line: what is written stays in this browser.
    }
  }

  async function write(): Promise<void> {
    clearTimeout(waits);
    if (draft.kept) return;
    const { text, note, shared: open } = draft;
    try {
      const own = await api.tickets.keepDraft(ticket, { text, note, shared: open });
      draft.base = own?.updated_at ?? "";
      draft.kept = draft.text === text && draft.note === note && draft.shared === open;
    } catch {
      // It is tried again with the next change, and with the next visit.
    }
  }

  async function take(owner: number): Promise<void> {
    await write();
    try {
      const own = await api.tickets.takeDraft(ticket, owner);
      Object.assign(draft, { text: own.text, note: own.note, base: own.updated_at });
    } catch (error) {
      toastError(error);
    }
    await read();
  }

  const unwatch = watch(() => [draft.text, draft.note, draft.shared], () => {
    draft.kept = false;
    clearTimeout(waits);
    waits = setTimeout(() => void write(), PAUSE_MS);
  });
  const deaf = watch(told, () => void read());
  void read();
  onBeforeUnmount(() => {
    unwatch();
    deaf();
    void write();
  });
  return { shared, take };
}
