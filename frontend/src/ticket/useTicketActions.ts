// What one may do with a ticket as a whole. Each shows at once and is taken back when refused.
import { computed, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import { captured } from "@/knowledge/capture";
import { kindSaid } from "@/success/background/ask";
import { api, Problem, type Priority, type Status, type TicketRow } from "@/api";
import { agentById, changeRow, may, me } from "@/store";
import { fullTime } from "@/time";
import { toast, toastError } from "@/ui/toasts";

const solved: readonly Status[] = ["resolved", "closed"];
const solves = (before: Status, to: Status): boolean => solved.includes(to) && !solved.includes(before);

export function useTicketActions(row: Ref<TicketRow | undefined>) {
  const { t, locale } = useI18n();
  const canWork = computed(() => may("ticket.work"));

  async function run(guess: Partial<TicketRow>, call: (number: number) => Promise<TicketRow>, said = ""): Promise<void> {
    const current = row.value;
    if (!current || !canWork.value) return;
    try {
      await changeRow(current, guess, () => call(current.number));
      if (said) toast(said);
    } catch (error) {
      const other = error instanceof Problem && error.code === "already_assigned" ? agentById(Number(error.params.agent_id)) : undefined;
      if (other) toast(t("ticket.alreadyAssigned", { name: other.name }), "late");
      else toastError(error);
    }
  }

  return {
    canWork,
    setStatus: async (status: Status) => {
      const current = row.value;
      if (!current || (solves(current.status, status) && canWork.value && !((await kindSaid(current.number)) && (await captured(current.number))))) return;
      await run({ status, snoozed_until: null }, (n) => api.tickets.change(n, { status }), t("ticket.statusSet", { status: t(`status.${status}`) }));
    },
    snooze: (at: Date) => run({ status: "snoozed", snoozed_until: at.toISOString() }, (n) => api.tickets.change(n, { status: "snoozed", snoozed_until: at.toISOString() }), t("ticket.snoozedUntil", { at: fullTime(at.getTime(), locale.value) })),
    setPriority: (priority: Priority) => run({ priority }, (n) => api.tickets.change(n, { priority })),
    setTeam: (team_id: number | null) => run({ team_id }, (n) => api.tickets.change(n, { team_id })),
    setSubject: (subject: string) => run({ subject }, (n) => api.tickets.change(n, { subject })),
    setTags: (tag_ids: number[]) => run({ tags: tag_ids }, (n) => api.tickets.change(n, { tag_ids })),
    claim: () => run({ assignee_id: me.value?.id ?? null }, (n) => api.tickets.claim(n)),
    release: () => run({ assignee_id: null }, (n) => api.tickets.release(n)),
    assign: (agent_id: number | null) => run({ assignee_id: agent_id }, (n) => api.tickets.assign(n, agent_id)),
  };
}

export type TicketActions = ReturnType<typeof useTicketActions>;
