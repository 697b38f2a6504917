// Signing in and out, and what follows from it.
import { api, onSignedOut, Problem } from "@/api";
import { speak } from "@/i18n";
import { startLive, stopLive } from "@/live";
import { recall } from "@/preferences";
import { forgetBell } from "@/bell";
import { desk, forgetAll, loadDesk, me, refreshCounts } from "@/store";

async function begin(): Promise<void> {
  if (!me.value) return;
  speak(me.value.language || (recall("language") ?? "ja"));
  await loadDesk();
  startLive();
  refreshCounts(true);
}

let resuming: Promise<boolean> | undefined;

/** Is there a session already? Asked once per page. */
export function resume(): Promise<boolean> {
  resuming ??= api.session
    .read()
    .then(async (found) => {
      me.value = found;
      await begin();
      return true;
    })
    .catch((error: unknown) => {
      resuming = undefined;
      if (error instanceof Problem && error.status === 401) return false;
      me.value = null;
      return false;
    });
  return resuming;
}

export async function signIn(email: string, password: string): Promise<void> {
  me.value = await api.session.open(email, password);
  await begin();
}

export async function signOut(): Promise<void> {
  await api.session.close().catch(() => undefined);
  ended();
}

function ended(): void {
  stopLive();
  forgetAll();
  forgetBell();
  resuming = undefined;
}

onSignedOut(() => {
  if (!me.value) return;
  ended();
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
});

export const isDemo = (): boolean => desk.value?.product.mode === "demo";
