// Warnings of deadlines for the one who is signed in: how many are unread, and a word when a new one comes.
import { ref } from "vue";
import { api, type EventOut, type Notification } from "@/api";
import { i18n } from "@/i18n";
import { me } from "@/store";
import { toast } from "@/ui/toasts";

export const unread = ref(0);
export const notifications = ref<Notification[]>([]);
let asked = 0;

/** Read again whenever it may have changed: the figure is the server's, not counted here. */
export async function readBell(): Promise<void> {
  const mine = ++asked;
  const told = await api.notifications.list();
  if (mine !== asked) return;
  unread.value = told.unread;
  notifications.value = told.items;
}

export const isMine = (event: EventOut, id: number | undefined): boolean =>
  id !== undefined &&
  (((event.kind === "clock.warned" || event.kind === "webhook.failed" || event.kind === "survey.answered" || event.kind === "touch.copied" || event.kind === "outreach.answered" || /^(handover|harassment)\./.test(event.kind)) && Array.isArray(event.params.to) && event.params.to.includes(id)) ||
    (event.kind === "notification.read" && event.agent_id === id));

/** What came over the socket. */
export function ringBell(events: EventOut[]): void {
  const mine = events.filter((event) => isMine(event, me.value?.id));
  if (!mine.length) return;
  void readBell().catch(() => undefined);
  const low = mine.filter((event) => event.kind === "survey.answered").at(-1);
  if (low) toast(i18n.global.t("survey.low", { number: low.ticket, score: low.params.score }), "late");
  const warned = mine.filter((event) => event.kind === "clock.warned").at(-1);
  if (!warned) return;
  const { metric, percent } = warned.params;
  const words = i18n.global.t(Number(percent) >= 100 ? "bell.over" : "bell.toast", { number: warned.ticket, metric: i18n.global.t(`metric.${String(metric)}`), percent });
  toast(words, Number(percent) >= 100 ? "late" : "plain");
}

export async function readAll(ids?: number[]): Promise<void> {
  await api.notifications.read(ids);
  await readBell();
}

export function forgetBell(): void {
  asked += 1;
  unread.value = 0;
  notifications.value = [];
}
