// Files on their way up, each with its progress.

import type { SentFile } from "./protocol";

export interface Upload {
  key: number;
  name: string;
  preview: string | null; // an object URL, to be released
  progress: number; // 0 to 1
  state: "going" | "done" | "failed";
  code: "failed" | "too_large" | null;
  file: SentFile | null;
  abort(): void;
}

export interface Door {
  url: string;
  visitor: string; // a secret: it goes in a header, because addresses stand in logs
}

let counter = 0;

/** Begins at once; `changed` is called at every step. */
export function upload(door: Door, file: File, changed: () => void): Upload {
  const request = new XMLHttpRequest();
  const going: Upload = {
    key: ++counter,
    name: file.name || "image.png",
    preview: file.type.startsWith("image/") && file.type !== "image/svg+xml" ? URL.createObjectURL(file) : null,
    progress: 0,
    state: "going",
    code: null,
    file: null,
    abort: () => {
      request.abort();
      if (going.preview) URL.revokeObjectURL(going.preview);
    },
  };
  const end = (state: "done" | "failed", code: Upload["code"] = null): void => {
    Object.assign(going, { state, code, progress: 1 });
    changed();
  };
  request.upload.onprogress = (event) => {
    going.progress = event.lengthComputable ? event.loaded / event.total : 0;
    changed();
  };
  request.onload = () => {
    going.file = request.status < 300 ? (request.response as SentFile | null) : null;
    if (going.file?.id) end("done");
    else end("failed", request.status === 413 ? "too_large" : "failed");
  };
  request.onerror = () => end("failed", "failed");
  const form = new FormData();
  form.append("file", file, going.name);
  request.open("POST", door.url);
  request.setRequestHeader("x-mikawaya-visitor", door.visitor);
  request.responseType = "json";
  request.send(form);
  return going;
}
