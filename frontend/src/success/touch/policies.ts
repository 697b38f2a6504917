// The SLA policies by name, for cells that promise one.
import { shallowRef } from "vue";
import { api, type Policy } from "@/api";

const known = shallowRef<Policy[]>([]);

export async function readPolicies(): Promise<Policy[]> {
  known.value = await api.policies.list().catch(() => []);
  return known.value;
}

export function usePolicies() {
  if (!known.value.length) void readPolicies();
  return (id: number): string => known.value.find((one) => one.id === id)?.name ?? `#${id}`;
}

export const policies = known;
