// Something from the server that follows what is asked for: the latest question wins, with its loading and failed faces.
import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from "vue";
import { wordsFor } from "@/ui/toasts";

export function useAsked<T>(key: Ref<string>, read: (signal: AbortSignal) => Promise<T>) {
  const found = shallowRef<T | null>(null);
  const loading = ref(false);
  const problem = ref("");
  let control: AbortController | undefined;

  async function load(): Promise<void> {
    control?.abort();
    const mine = (control = new AbortController());
    loading.value = true;
    problem.value = "";
    try {
      found.value = await read(mine.signal);
    } catch (error) {
      if (mine === control && !mine.signal.aborted) problem.value = wordsFor(error);
    } finally {
      if (mine === control) loading.value = false;
    }
  }

  watch(key, load, { immediate: true });
  onBeforeUnmount(() => control?.abort());
  return { found, loading, problem, load };
}
