// What is typed, asked for and answered. An answer that comes after a newer question is dropped.
import { computed, onScopeDispose, ref, watch } from "vue";
import { Problem } from "@/api";
import { ask } from "@/api/http";
import type { GroupOut, HitOut, SearchOut } from "@/client/types.gen";
import { keep, recall } from "@/preferences";
import { me } from "@/store";

export type Kind = GroupOut["kind"];
export type { GroupOut, HitOut };

const WAIT_MS = 120;
const RECENT = 6;
const PAGE = 20;

const remembered = (): string => `searches.${me.value?.id ?? 0}`;

function recalled(): string[] {
  try {
    const known: unknown = JSON.parse(recall(remembered()) ?? "[]");
    return Array.isArray(known) ? known.filter((each) => typeof each === "string").slice(0, RECENT) : [];
  } catch {
    return [];
  }
}

export function useSearch() {
  const typed = ref("");
  const composing = ref(false);
  const kind = ref<Kind | null>(null);
  const found = ref<SearchOut | null>(null);
  const busy = ref(false);
  const failed = ref<string | null>(null);
  const recent = ref(recalled());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | null = null;

  const hits = computed<HitOut[]>(() => found.value?.groups.flatMap((group) => group.items) ?? []);

  async function request(cursor: string | null): Promise<SearchOut | null> {
    asking?.abort();
    const mine = (asking = new AbortController());
    busy.value = true;
    try {
      const query = { q: typed.value.slice(0, 300), kind: kind.value, cursor, limit: PAGE };
      const answer = await ask<SearchOut>("GET", "/search", { query, signal: mine.signal });
      if (mine !== asking) return null;
      failed.value = null;
      return answer;
    } catch (error) {
      if (mine === asking && error instanceof Problem) failed.value = error.code;
      return null;
    } finally {
      if (mine === asking) busy.value = false;
    }
  }

  async function search(): Promise<void> {
    clearTimeout(timer);
    if (!typed.value.trim()) {
      asking?.abort();
      asking = null;
      [found.value, failed.value, busy.value] = [null, null, false];
      return;
    }
    const answer = await request(null);
    if (answer) found.value = answer;
  }

  /** The next page of the one kind that is shown. */
  async function more(): Promise<void> {
    const shown = found.value?.groups[0];
    if (!shown?.next_cursor || kind.value === null) return;
    const answer = await request(shown.next_cursor);
    const next = answer?.groups[0];
    if (!answer || !found.value) return;
    const items = [...shown.items, ...(next?.items ?? [])];
    found.value = { ...found.value, groups: [{ ...shown, items, next_cursor: next?.next_cursor ?? null }] };
  }

  function later(): void {
    clearTimeout(timer);
    if (!composing.value) timer = setTimeout(() => void search(), WAIT_MS);
  }

  function remember(): void {
    const words = typed.value.trim();
    if (!words) return;
    recent.value = [words, ...recent.value.filter((each) => each !== words)].slice(0, RECENT);
    keep(remembered(), JSON.stringify(recent.value));
  }

  function forget(): void {
    recent.value = [];
    keep(remembered(), null);
  }

  watch([typed, composing], later);
  watch(kind, () => void search());
  onScopeDispose(() => {
    clearTimeout(timer);
    asking?.abort();
  });
  return { typed, composing, kind, found, hits, busy, failed, recent, search, more, remember, forget };
}
