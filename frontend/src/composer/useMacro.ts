// The macro that goes with a reply: its words are put into the text, its deeds are done when the reply is sent.
import { ref } from "vue";
import { macros, type Macro } from "@/api/automation";
import { i18n } from "@/i18n";
import { composing, type Stroke } from "@/desk/keys";
import { refreshCounts } from "@/store";
import { toast, toastError } from "@/ui/toasts";

export function useMacro(ticket: number, read: () => string, write: (text: string) => void, focus: () => void) {
  const open = ref(false);
  const chosen = ref<{ id: number; name: string } | null>(null);

  /** "/" into an empty reply. Whoever composes with an input method may type it as any other letter. */
  const asks = (stroke: Stroke, text: string): boolean => stroke.key === "/" && text === "" && !composing(stroke);

  function close(): void {
    open.value = false;
    focus();
  }

  function drop(): void {
    chosen.value = null;
  }

  async function choose(macro: Macro): Promise<void> {
    close();
    try {
      if (!macro.text && !read().trim()) {
        await act(macro);
        return;
      }
      const { text } = macro.text ? await macros.words(ticket, macro.id) : { text: "" };
      write([read(), text].filter(Boolean).join("\n"));
      chosen.value = { id: macro.id, name: macro.name };
      focus();
    } catch (error) {
      toastError(error);
    }
  }

  /** Deeds without words are done at once. */
  async function act(macro: Macro): Promise<void> {
    const used = await macros.use(ticket, macro.id, { text: "", attachments: [], client_id: crypto.randomUUID() });
    const whole = used.did.every((one) => one.ok);
    toast(i18n.global.t(whole ? "macros.did" : "macros.partly", { name: macro.name }), whole ? "plain" : "late");
    refreshCounts();
  }

  return { open, chosen, asks, close, drop, choose };
}
