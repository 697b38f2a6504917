// The attachments of the message that is being written.

import type { Speech } from "./bubble";
import { icon, make, set, write } from "./dom";
import type { SentFile } from "./protocol";
import { upload, type Door, type Upload } from "./upload";

export interface Tray {
  node: HTMLElement;
  add(files: Iterable<File>): void;
  take(): SentFile[]; // hands out what is there, and is empty then
  busy(): boolean;
  empty(): boolean;
  speak(speech: Speech): void;
}

/** `door` gives where to upload; null: not connected, nothing is taken. */
export function drawTray(door: () => Door | null, changed: () => void): Tray {
  const node = make("ul", { class: "tray", hidden: true });
  const items = new Map<number, { node: HTMLElement; bar: HTMLProgressElement; note: HTMLElement; remove: HTMLButtonElement }>();
  let uploads: Upload[] = [];
  let speech: Speech | null = null;

  function add(files: Iterable<File>): void {
    const to = door();
    if (!to) return;
    for (const file of files) uploads.push(upload(to, file, render));
    render();
  }

  function drop(gone: Upload): void {
    gone.abort();
    uploads = uploads.filter((kept) => kept !== gone);
    render();
  }

  function render(): void {
    for (const [key, item] of items) {
      if (uploads.some((kept) => kept.key === key)) continue;
      item.node.remove();
      items.delete(key);
    }
    for (const going of uploads) show(going);
    node.hidden = uploads.length === 0;
    changed();
  }

  function show(going: Upload): void {
    const item = items.get(going.key) ?? begin(going);
    const say = speech?.say;
    item.bar.value = going.progress;
    item.bar.hidden = going.state !== "going";
    set(item.node, { class: `upload ${going.state}` });
    set(item.remove, { "aria-label": say?.("act.remove", { name: going.name }) ?? null });
    const failed = going.code === "too_large" ? "file.too_large" : "file.failed";
    write(item.note, going.state === "failed" ? (say?.(failed) ?? "") : "");
    set(item.bar, { "aria-label": say?.("file.going", { n: Math.round(going.progress * 100) }) ?? null });
  }

  function begin(going: Upload) {
    const picture = going.preview ? make("img", { src: going.preview, alt: "" }) : icon("file");
    const bar = make("progress", { max: "1" });
    const note = make("span", { class: "note", role: "alert" });
    const remove = make("button", { type: "button", class: "remove" }, icon("close"));
    remove.addEventListener("click", () => drop(going));
    const words = make("span", { class: "words" }, make("span", { class: "name" }, going.name), bar, note);
    const item = { node: make("li", {}, picture, words, remove), bar, note, remove };
    node.append(item.node);
    items.set(going.key, item);
    return item;
  }

  function take(): SentFile[] {
    const files = uploads.flatMap((done) => (done.file ? [done.file] : []));
    for (const { preview } of uploads) if (preview) URL.revokeObjectURL(preview);
    uploads = [];
    render();
    return files;
  }

  return {
    node,
    add,
    take,
    busy: () => uploads.some((going) => going.state === "going"),
    empty: () => !uploads.some((done) => done.state === "done"),
    speak: (now) => {
      speech = now;
      render();
    },
  };
}
