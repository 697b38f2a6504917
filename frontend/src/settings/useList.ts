// A short list from the server with its three other faces: loading, empty, failed.
import { onMounted, ref, type Ref } from "vue";
import { wordsFor } from "@/ui/toasts";

export function useList<I>(read: () => Promise<I[]>) {
  const items = ref([]) as Ref<I[]>;
  const loading = ref(true);
  const problem = ref("");

  async function load(): Promise<void> {
    problem.value = "";
    try {
      items.value = await read();
    } catch (error) {
      problem.value = wordsFor(error);
    } finally {
      loading.value = false;
    }
  }

  onMounted(load);
  return { items, loading, problem, load };
}
