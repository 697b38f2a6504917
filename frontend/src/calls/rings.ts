// With whom a waiting call rings, and who may take it. Pure. Where routing chooses, the server says with whom; elsewhere with
// the members of the team, or with everybody when it has none.
import type { Here, LiveCall } from "@/api";

const ALL_AFTER_S = 20;

type Agent = Pick<Here, "presence" | "channels_off"> & { id: number };
type Call = Pick<LiveCall, "rings">;

const free = (agent: Agent): boolean => agent.presence === "available" && !agent.channels_off.includes("phone");
const belongs = (me: number, members: readonly number[]): boolean => !members.length || members.includes(me);

/** Whether they may answer without taking it over. */
export const mayAnswer = (me: number, call: Call, members: readonly number[]): boolean => call.rings?.includes(me) ?? belongs(me, members);

/** Where people choose: first with those who are available and take calls; with everybody at work when there are none, or after a while. */
export function rings(me: number, call: Call, members: readonly number[], agents: readonly Agent[], waited_s: number): boolean {
  if (call.rings) return call.rings.includes(me);
  const mine = agents.filter((agent) => belongs(agent.id, members));
  const own = mine.find((agent) => agent.id === me);
  if (!own) return false;
  return free(own) || waited_s >= ALL_AFTER_S || !mine.some(free);
}
