// The desk's own kinds of inquiry, read once and again when somebody has changed them.
import { shallowRef } from "vue";
import { background, type InquiryKind, type Kinds } from "@/api/touch";

const known = shallowRef<Kinds>({ items: [], ask: false });
let asked: Promise<void> | null = null;

export async function readKinds(): Promise<void> {
  known.value = await background.kinds();
}

export function useKinds() {
  asked ??= readKinds().catch(() => void (asked = null));
  return known;
}

export const kindName = (kinds: InquiryKind[], code: string, language: string): string => {
  const found = kinds.find((one) => one.code === code);
  return found ? (language.startsWith("ja") ? found.ja : found.en) : code;
};
