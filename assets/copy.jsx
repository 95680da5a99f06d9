// Copies in the browser, and says so: the server is not asked.
import { useEffect, useState } from "react";
import { Button } from "@radix-ui/themes";
import { Check, Copy } from "lucide-react";

const SAID_FOR = 4000;

// Browsers keep the clipboard from pages without https: what is selected on a page they do copy.
function copySelected(text, button) {
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  field.style.cssText = "position: fixed; inset: 0 auto auto 0; opacity: 0;";
  // Beside the button: a dialog takes the focus back from whatever lies outside it.
  button.parentNode.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  button.focus();
  return copied;
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, button);
  }
}

export function CopyButton({ text, label = "Copy", what = "", ...properties }) {
  const [outcome, setOutcome] = useState("");
  useEffect(() => setOutcome(""), [text]);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(""), SAID_FOR);
    return () => clearTimeout(timer);
  }, [outcome]);
  const press = async (event) => {
    const button = event.currentTarget;
    setOutcome((await copy(text, button)) ? "Copied" : "Not copied");
  };
  return (
    <>
      <Button {...properties} type="button" onClick={press}>
        {outcome === "Copied" ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}{outcome || label}
      </Button>
      <span role="status" className="unseen">{outcome ? `${what || label}: ${outcome.toLowerCase()}` : ""}</span>
    </>
  );
}
