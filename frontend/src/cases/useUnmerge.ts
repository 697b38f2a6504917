// Undoing a merge, from the record of the merged ticket or from its master.
import { ref } from "vue";
import { useI18n } from "vue-i18n";
import { api } from "@/api";
import { readTicket } from "@/store";
import { toast, toastError } from "@/ui/toasts";

export function useUnmerge() {
  const { t } = useI18n();
  const busy = ref(false);

  async function unmerge(number: number, shown: number = number): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    try {
      await api.tickets.unmerge(number);
      await readTicket(shown);
      toast(t("cases.undone", { number }));
    } catch (error) {
      toastError(error);
    } finally {
      busy.value = false;
    }
  }

  return { busy, unmerge };
}
