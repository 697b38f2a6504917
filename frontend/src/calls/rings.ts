// On whose screen a waiting call rings. Pure.
import type { Here } from "@/api";

const ALL_AFTER_S = 20;

type Agent = Pick<Here, "presence" | "channels_off"> & { id: number };

const free = (agent: Agent): boolean => agent.presence === "available" && !agent.channels_off.includes("phone");

/** First with those who are available and take calls; with everybody at work when there are none, or after a while. */
export function rings(me: number, agents: readonly Agent[], waited_s: number): boolean {
  const own = agents.find((agent) => agent.id === me);
  if (!own) return false;
  return free(own) || waited_s >= ALL_AFTER_S || !agents.some(free);
}
