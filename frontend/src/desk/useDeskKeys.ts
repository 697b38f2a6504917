// Binds the moves of keys.ts to what the desk shows. Panes listen for what is theirs by `deskMove`.
import { onBeforeUnmount, onMounted, ref, type Ref } from "vue";
import { moveFor, writes, type Move } from "@/desk/keys";
import { searchOpen } from "@/search/open";
import { queueRows } from "@/store";

export interface MoveSignal {
  move: Move;
  count: number;
}

/** The last move that belongs to a pane: the ticket pane watches it for reply, note, claim, resolve and snooze. */
export const deskMove = ref<MoveSignal>({ move: "help", count: 0 });

interface Desk {
  number: Ref<number | null>;
  go: (to: { view?: string; number?: number | null }) => void;
  help: () => void;
}

const floating = (): boolean => document.querySelector("[role=dialog], [role=menu], [role=listbox], dialog[open]") !== null;

export function useDeskKeys(desk: Desk): void {
  let goUntil = 0;

  function step(by: 1 | -1): void {
    const numbers = queueRows.value.map((row) => row.number);
    if (!numbers.length) return;
    const at = desk.number.value === null ? -1 : numbers.indexOf(desk.number.value);
    const next = at < 0 ? (by > 0 ? 0 : numbers.length - 1) : Math.min(numbers.length - 1, Math.max(0, at + by));
    desk.go({ number: numbers[next]! });
  }

  function act(move: Move, event: KeyboardEvent, inText: boolean): void {
    if (move === "go") goUntil = event.timeStamp + 1500;
    else if (move === "next" || move === "previous") step(move === "next" ? 1 : -1);
    else if (move === "open" && desk.number.value === null) step(1);
    else if (move === "help") desk.help();
    else if (move === "search") searchOpen.value = true;
    else if (move === "go-mine" || move === "go-unassigned" || move === "go-open") desk.go({ view: move.slice(3), number: null });
    else if (move === "back" && inText) (event.target as HTMLElement).blur();
    else if (move === "back") desk.go({ number: null });
    else deskMove.value = { move, count: deskMove.value.count + 1 };
  }

  function pressed(event: KeyboardEvent): void {
    if (event.defaultPrevented || floating()) return;
    const inText = writes(event.target);
    const onControl = event.target instanceof HTMLElement && event.target.closest("button, a, summary") !== null;
    const move = moveFor(event, inText, event.timeStamp < goUntil);
    if (!move || (event.key === "Enter" && onControl)) return;
    if (move !== "go") goUntil = 0;
    if (!(move === "back" && inText)) event.preventDefault();
    act(move, event, inText);
  }

  onMounted(() => window.addEventListener("keydown", pressed));
  onBeforeUnmount(() => window.removeEventListener("keydown", pressed));
}
