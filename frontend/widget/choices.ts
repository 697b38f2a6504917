// What the visitor taps is shown as chosen at once; the server's message says so again. Pure.

import type { Message } from "./protocol";

export function chosenIn(messages: Message[], data: string): Message[] {
  return messages.map((message) =>
    message.asks?.choices.some((choice) => choice.data === data) ? { ...message, asks: { ...message.asks, chosen: data } } : message,
  );
}
