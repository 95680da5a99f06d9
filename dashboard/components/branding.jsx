// What the page of branding does in the browser: picks a colour, sends a logo, and shows the report that comes of it.
import { useEffect, useId, useRef, useState } from "react";
import { Button, Flex, IconButton, SegmentedControl, Text, TextField } from "@radix-ui/themes";
import { Check, ImagePlus, ImageUp, Trash2 } from "lucide-react";

const SWATCHES = [
  ["Teal", "#0b6b5d"], ["Blue", "#1d4ed8"], ["Violet", "#6d28d9"], ["Magenta", "#be185d"],
  ["Red", "#c8321e"], ["Orange", "#d9620b"], ["Gold", "#e0a800"], ["Graphite", "#374151"],
];
const HEX = /^#[0-9a-f]{6}$/;
const MOST_BYTES = 2 * 1024 * 1024;

// Tells a value that no longer changes.
function useSettled(value, milliseconds, tell) {
  const last = useRef(value);
  useEffect(() => {
    if (last.current === value) return;
    const timer = setTimeout(() => { last.current = value; tell(value); }, milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
}

export function ColourField({ id, value, onPick }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const colour = text.trim().toLowerCase();
  const isColour = HEX.test(colour);
  useSettled(isColour ? colour : value, 150, (picked) => onPick?.(picked));
  return (
    <Flex direction="column" gap="3">
      <Flex gap="2" align="center">
        <input type="color" className="colour-well" aria-label="Pick a colour" value={isColour ? colour : "#0b6b5d"}
          onChange={(event) => setText(event.target.value)} />
        <TextField.Root id={id} size="3" value={text} maxLength={9} spellCheck={false} autoComplete="off"
          onChange={(event) => setText(event.target.value)} aria-invalid={!isColour} aria-describedby={`${id}-problem`}
          style={{ width: "9rem", fontFamily: "ui-monospace, Menlo, Consolas, monospace" }} />
        <Text id={`${id}-problem`} size="2" color="red" role="alert">
          {isColour ? "" : "A colour looks like #1a2b3c."}
        </Text>
      </Flex>
      <Flex gap="2" wrap="wrap" role="group" aria-label="Colours to begin with">
        {SWATCHES.map(([name, swatch]) => (
          <button key={swatch} type="button" className="swatch" style={{ background: swatch }} aria-label={name}
            title={name} aria-pressed={colour === swatch} onClick={() => setText(swatch)}>
            {colour === swatch ? <Check size={16} color="#fff" aria-hidden /> : null}
          </button>
        ))}
      </Flex>
    </Flex>
  );
}

async function ask(method, account, file) {
  try {
    const answer = await fetch(`/api/portal/logo?account=${encodeURIComponent(account)}`, {
      method, body: file, headers: file ? { "Content-Type": file.type || "application/octet-stream" } : {},
    });
    if (answer.status === 401) {
      window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
      return { error: "" };
    }
    const told = answer.status === 204 ? {} : await answer.json();
    return answer.ok ? { told } : { error: told.error };
  } catch {
    return { error: "The server cannot be reached. Check your connection, then try again." };
  }
}

export function LogoField({ account, logo, onChanged }) {
  const chooser = useRef(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [over, setOver] = useState(false);
  const [asks, setAsks] = useState(false);
  const send = async (method, file) => {
    if (busy) return;
    if (file && file.size > MOST_BYTES) {
      setError("The file is too large. The limit is 2 MB.");
      return;
    }
    setBusy(true);
    setError("");
    const { told, error: problem = "" } = await ask(method, account, file);
    setBusy(false);
    setAsks(false);
    setError(problem);
    if (told) onChanged?.(method === "DELETE" ? "removed" : told.onDark ? "on dark" : "saved");
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer.files[0]) send("POST", event.dataTransfer.files[0]);
  };
  const choose = (event) => {
    if (event.target.files[0]) send("POST", event.target.files[0]);
    event.target.value = "";
  };
  return (
    <div className="logo-field" data-over={over} onDrop={drop} onDragLeave={() => setOver(false)}
      onDragOver={(event) => { event.preventDefault(); setOver(true); }}>
      <div className="logo-plate">
        {logo ? <img src={logo} alt="The logo of this account" /> : <ImagePlus size={26} aria-hidden />}
      </div>
      <Flex direction="column" gap="2" style={{ minWidth: 0 }}>
        <input ref={chooser} type="file" accept="image/png,image/jpeg,image/webp" hidden onChange={choose}
          aria-label="File of the logo" />
        {asks ? (
          <Flex gap="2" align="center" wrap="wrap">
            <Text size="2">Remove the logo from every report?</Text>
            <Button color="red" loading={busy} onClick={() => send("DELETE")}>Remove</Button>
            <Button variant="soft" color="gray" disabled={busy} autoFocus onClick={() => setAsks(false)}>Keep it</Button>
          </Flex>
        ) : (
          <Flex gap="2" align="center">
            <Button variant="soft" loading={busy} onClick={() => chooser.current.click()}>
              <ImageUp size={16} aria-hidden />{logo ? "Replace" : "Upload a logo"}
            </Button>
            {logo ? (
              <IconButton variant="ghost" color="gray" size="2" aria-label="Remove the logo" title="Remove"
                onClick={() => setAsks(true)}>
                <Trash2 size={16} aria-hidden />
              </IconButton>
            ) : null}
          </Flex>
        )}
        <Text size="1" color="gray">PNG, JPEG or WebP, up to 2 MB<span className="with-mouse">, or drop it here</span></Text>
        <div role="alert">{error ? <Text size="2" color="red">{error}</Text> : null}</div>
      </Flex>
    </div>
  );
}

// The page as a reader with this scheme sees it, whatever scheme this browser has.
function inScheme(page, scheme) {
  return page
    .replaceAll("(prefers-color-scheme: dark)", scheme === "dark" ? "(min-width: 0)" : "(max-width: 0)")
    .replaceAll("color-scheme: light dark", `color-scheme: only ${scheme}`);
}

export function ReportPreview({ account, name, accent, intro, logo }) {
  const [page, setPage] = useState("");
  const [scheme, setScheme] = useState("light");
  const asked = useRef(0);
  const id = useId();
  useEffect(() => {
    if (!account) return;
    const number = ++asked.current;
    const timer = setTimeout(async () => {
      try {
        const answer = await fetch(`/api/portal/branding/preview?account=${encodeURIComponent(account)}`, {
          method: "POST", body: JSON.stringify({ name, accent, intro }), headers: { "Content-Type": "application/json" },
        });
        const text = answer.ok ? await answer.text() : "";
        // Later words may have been answered sooner.
        if (text && number === asked.current) setPage(text);
      } catch { /* the preview stays as it was */ }
    }, page ? 200 : 0);
    return () => clearTimeout(timer);
  }, [account, name, accent, intro, logo]);
  return (
    <div>
      <Flex justify="between" align="center" mb="2" gap="3">
        <Text id={id} size="2" weight="medium">How your reports look</Text>
        <SegmentedControl.Root size="1" value={scheme} onValueChange={setScheme} aria-label="Light or dark preview">
          <SegmentedControl.Item value="light">Light</SegmentedControl.Item>
          <SegmentedControl.Item value="dark">Dark</SegmentedControl.Item>
        </SegmentedControl.Root>
      </Flex>
      <div className="preview" aria-busy={!page}>
        {page ? <iframe title="Preview of a report" sandbox="" srcDoc={inScheme(page, scheme)} /> : null}
      </div>
    </div>
  );
}
