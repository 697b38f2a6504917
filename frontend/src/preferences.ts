// What this browser remembers: theme, language, seen tickets, drafts. Storage may be missing or full: never an error.
import { ref, watch } from "vue";

const prefix = "mikawaya.";

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Private windows and full disks: the desk works on without memory.
  }
}

export type Theme = "light" | "dark" | "system";
const isTheme = (value: string | null): value is Theme => value === "light" || value === "dark" || value === "system";

const stored = recall("theme");
export const theme = ref<Theme>(isTheme(stored) ? stored : "system");
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function paint(): void {
  document.documentElement.dataset.theme = theme.value === "system" ? (dark.matches ? "dark" : "light") : theme.value;
}

dark.addEventListener("change", paint);
watch(theme, (value) => {
  keep("theme", value);
  paint();
});
paint();

/** For how many seconds an answer by mail or LINE can still be called back. 0: it leaves at once. */
export const UNDO_S = [0, 5, 10, 20];
const chosenUndo = Number(recall("undo") ?? 10);
export const undoSeconds = ref(UNDO_S.includes(chosenUndo) ? chosenUndo : 10);
watch(undoSeconds, (value) => keep("undo", String(value)));

const SEEN = 600;
const seen = ref<Record<string, string>>(JSON.parse(recall("seen") ?? "{}") as Record<string, string>);

/** This reader has read the ticket up to this change. */
export function markSeen(number: number, updated: string): void {
  if (seen.value[number] === updated) return;
  const entries = Object.entries({ ...seen.value, [number]: updated });
  seen.value = Object.fromEntries(entries.slice(-SEEN)) as Record<string, string>;
  keep("seen", JSON.stringify(seen.value));
}

export const isUnseen = (number: number, updated: string): boolean => (seen.value[number] ?? "") < updated;
