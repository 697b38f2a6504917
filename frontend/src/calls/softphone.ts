// The browser as a telephone. The provider's SDK is large: it is loaded when an inbox hands out a token, never before.
import { ref, shallowRef } from "vue";
import type { Call, Device } from "@twilio/voice-sdk";
import { api } from "@/api";
import { desk } from "@/store";
import { toastError } from "@/ui/toasts";

export const softphoneReady = ref(false);
export const onLine = shallowRef<Call | null>(null);
export const muted = ref(false);
let device: Device | undefined;

function keepLine(call: Call): void {
  onLine.value = call;
  muted.value = false;
  call.on("disconnect", () => (onLine.value = null));
  call.on("cancel", () => (onLine.value = null));
  call.on("mute", (now: boolean) => (muted.value = now));
}

async function prepare(inbox: number): Promise<void> {
  if (device) return;
  const { token } = await api.calls.token(inbox);
  const sdk = await import("@twilio/voice-sdk");
  const made = new sdk.Device(token, { closeProtection: true });
  // The customer is sent to this browser once the server has put the legs together: what rings here was asked for.
  made.on("incoming", (call: Call) => {
    keepLine(call);
    call.accept();
  });
  made.on("tokenWillExpire", () => void api.calls.token(inbox).then((fresh) => made.updateToken(fresh.token)).catch(toastError));
  await made.register();
  device = made;
  softphoneReady.value = true;
}

/** Makes this browser ring-able. In a demonstration the played telephone exchange picks up for the browser. */
export async function pickUp(inbox: number | null): Promise<void> {
  if (inbox === null || desk.value?.product.mode === "demo") return;
  await prepare(inbox);
}

export async function answerInBrowser(callId: number, inbox: number | null): Promise<void> {
  await pickUp(inbox);
  await api.calls.answer(callId, "browser");
}

export const toggleMute = (): void => onLine.value?.mute(!muted.value);

export function dropLine(): void {
  onLine.value?.disconnect();
  onLine.value = null;
}
