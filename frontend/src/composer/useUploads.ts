// Files on their way up: from the button, the clipboard or dropped on the composer.
import { computed, ref } from "vue";
import { useI18n } from "vue-i18n";
import { api, type FileOut } from "@/api";
import { desk } from "@/store";
import { toast, wordsFor } from "@/ui/toasts";

export interface Upload {
  key: number;
  name: string;
  size: number;
  share: number;
  done: FileOut | null;
  problem: string;
  preview: string;
  stop: () => void;
}

let keys = 0;

export function useUploads() {
  const { t } = useI18n();
  const uploads = ref<Upload[]>([]);
  const change = (key: number, part: Partial<Upload>): void => {
    uploads.value = uploads.value.map((one) => (one.key === key ? { ...one, ...part } : one));
  };

  async function add(files: Iterable<File>): Promise<void> {
    const most = desk.value?.files.max_mb ?? 20;
    for (const file of files) {
      if (file.size > most * 1024 * 1024) {
        toast(t("file.tooLarge", { name: file.name, mb: most }), "late");
        continue;
      }
      void start(file);
    }
  }

  async function start(file: File): Promise<void> {
    const key = ++keys;
    const control = new AbortController();
    const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    uploads.value = [...uploads.value, { key, name: file.name, size: file.size, share: 0, done: null, problem: "", preview, stop: () => control.abort() }];
    try {
      const done = await api.files.add(file, (share) => change(key, { share }), control.signal);
      change(key, { done, share: 1 });
    } catch (error) {
      if (error instanceof DOMException) return;
      change(key, { problem: wordsFor(error) });
    }
  }

  function drop(key: number): void {
    const one = uploads.value.find((other) => other.key === key);
    if (one && !one.done) one.stop();
    if (one?.preview) URL.revokeObjectURL(one.preview);
    uploads.value = uploads.value.filter((other) => other.key !== key);
  }

  /** Files that are up already: of an answer that came back. */
  function adopt(files: readonly FileOut[]): void {
    const back = files.map((done) => ({ key: ++keys, name: done.name, size: done.size ?? 0, share: 1, done, problem: "", preview: "", stop: () => undefined }));
    uploads.value = [...uploads.value, ...back];
  }

  /** Pasted or dropped files; false when there were none and the browser should go on. */
  function takeFrom(data: DataTransfer | null): boolean {
    const files = [...(data?.files ?? [])];
    if (files.length) void add(files);
    return files.length > 0;
  }

  return {
    uploads,
    add,
    adopt,
    drop,
    takeFrom,
    ready: computed(() => uploads.value.every((one) => one.done !== null)),
    files: computed(() => uploads.value.map((one) => one.done).filter((file) => file !== null)),
    clear: () => uploads.value.forEach((one) => drop(one.key)),
  };
}
