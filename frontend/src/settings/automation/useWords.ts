// What rules can speak of, and the desk's nouns by their kind: one place for every picker.
import { shallowRef } from "vue";
import { api, type Calendar, type Policy } from "@/api";
import { rules, type FieldWords, type Named, type Vocabulary } from "@/api/automation";
import { desk } from "@/store";

export const words = shallowRef<Vocabulary | null>(null);
export const calendars = shallowRef<Calendar[]>([]);
const accounts = shallowRef<Named[]>([]);
const policies = shallowRef<Policy[]>([]);

export async function loadWords(): Promise<void> {
  [words.value, calendars.value, accounts.value, policies.value] = await Promise.all([rules.words(), api.calendars.list(), api.persons.accounts(""), api.policies.list()]);
}

export const fieldOf = (name: string): FieldWords | undefined => words.value?.fields.find((one) => one.name === name);

export function nouns(of: string): Named[] {
  switch (of) {
    case "inbox": return desk.value?.inboxes ?? [];
    case "team": return desk.value?.teams ?? [];
    case "agent": return (desk.value?.agents ?? []).filter((one) => one.active);
    case "tag": return desk.value?.tags ?? [];
    case "account": return accounts.value;
    case "calendar": return calendars.value.filter((one) => !one.archived_at);
    case "policy": return policies.value.filter((one) => !one.archived_at);
    case "webhook": return words.value?.webhooks ?? [];
    default: return [];
  }
}
