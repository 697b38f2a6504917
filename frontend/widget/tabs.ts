// The other tabs of the same visitor: what one has read, all have read; who signs out, signs out everywhere (W6).

export type Word = { type: "seen"; thread: string; seq: number } | { type: "logout" };

export interface Tabs {
  tell(word: Word): void;
}

export function joinTabs(widget: string, heard: (word: Word) => void): Tabs {
  try {
    const channel = new BroadcastChannel(`mikawaya:${widget}`);
    channel.onmessage = (event: MessageEvent<Word>) => heard(event.data);
    return { tell: (word) => channel.postMessage(word) };
  } catch {
    return { tell: () => undefined }; // closed together with the storage
  }
}
