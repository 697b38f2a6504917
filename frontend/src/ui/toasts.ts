// Short words at the lower edge, and the one polite live region that screen readers listen to.
import { ref } from "vue";
import { Problem } from "@/api";
import { i18n } from "@/i18n";

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "late";
}

export const toasts = ref<Toast[]>([]);
export const announcement = ref("");
let last = 0;
let count = 0;

export function toast(text: string, tone: Toast["tone"] = "plain"): void {
  const id = ++count;
  toasts.value = [...toasts.value.slice(-2), { id, text, tone }];
  setTimeout(() => dismiss(id), tone === "late" ? 8000 : 4000);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

/** Which settings do not fit, as the server names them. */
function fieldsOf(error: Problem): string[] {
  const { fields } = error.params;
  return Array.isArray(fields) ? fields.map(({ at, says }: { at?: string; says?: string }) => `${at ?? ""}: ${says ?? ""}`) : [];
}

/** The server's code in the reader's words; its own English detail when the code is unknown. */
export function wordsFor(error: unknown): string {
  const { t, te } = i18n.global;
  if (!(error instanceof Problem)) return t("error.unexpected");
  if (te(`error.${error.code}`)) return [t(`error.${error.code}`, error.params), ...fieldsOf(error)].join(" ");
  return error.detail || t("error.http", { status: error.status });
}

export function toastError(error: unknown): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  if (error instanceof Problem && error.status === 401) return;
  toast(wordsFor(error), "late");
}

/** At most one announcement in five seconds: a busy desk must not talk without end. */
export function announce(text: string, now: number): void {
  if (now - last < 5000) return;
  last = now;
  announcement.value = text;
}
