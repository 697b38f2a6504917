// Asks the server what the writer should look at again. Without an answer the letter goes: a warning must not hold up a desk.
import { ref } from "vue";
import { approvals, type WarningOut } from "@/api/approvals";

type Then = "open" | "pending" | "resolved" | undefined;

export function useWarnings(ticket: number) {
  const found = ref<WarningOut[]>([]);
  let then: Then;
  let checking = false;

  /** Whether it may go now; if not, the warnings are shown. */
  async function clear(text: string, files: number, thread_id: number | null, wanted: Then): Promise<boolean> {
    if (checking) return false;
    checking = true;
    then = wanted;
    found.value = await approvals.check(ticket, { text, files, thread_id }).catch(() => []);
    checking = false;
    return found.value.length === 0;
  }

  const drop = (): Then => {
    found.value = [];
    return then;
  };
  return { found, clear, drop };
}
