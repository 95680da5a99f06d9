// Name and links of a new report: pasted, typed, or dropped as a file. What is written stays here, in the browser, also
// when the server is away: it is told of the links a moment after the last key, and gets all of it with the form.
import { useCallback, useEffect, useRef, useState } from "react";
import { Button, TextArea, TextField } from "@radix-ui/themes";

const PAUSE = 350;
// What was filled in last: a page that is opened again still has it, until the server says what it begins with now.
let filled = 0;
const MAX_BYTES = 10 * 2 ** 20;
const UPLOAD = "/api/portal/links";

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

async function linksOf(file) {
  if (file.size > MAX_BYTES) throw new Error("This file is larger than 10 MB. Copy the column with the links and paste it.");
  let response;
  try {
    response = await fetch(UPLOAD, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
  } catch {
    throw new Error("The file could not be sent. Check your connection, then choose it again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401) throw new Error("Your session has ended. Sign in again.");
  if (!response.ok) throw new Error(answer.error || "The file could not be read. Paste the links instead.");
  return answer;
}

function outcome(name, answer) {
  if (!answer.links.length) return { error: true, text: `${name} holds no links.` };
  const cut = answer.found > answer.links.length;
  const taken = cut
    ? `${name} holds ${plural(answer.found, "link")}. A report takes ${answer.links.length.toLocaleString("en")}: the rest is left out.`
    : `${plural(answer.links.length, "link")} from ${name}.`;
  const without = answer.withoutLink ? ` ${plural(answer.withoutLink, "row")} without a link left out.` : "";
  return { error: cut, text: taken + without };
}

export function ReportFields({ fill = "", fillName = "", fillNumber = 0, fillFor = "", asked = 0, onLinks, disabled = false }) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const [key] = useState(newKey);
  const [note, setNote] = useState(null);
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const current = useRef("");
  const timer = useRef(0);
  const number = useRef(0);
  const picker = useRef(null);
  const tell = useRef(onLinks);
  tell.current = onLinks;

  const announce = useCallback((pause) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      number.current = Math.max(Date.now(), number.current + 1);
      tell.current(current.current, number.current);
    }, pause);
  }, []);
  const write = useCallback((value, pause) => {
    current.current = value;
    setText(value);
    announce(pause);
  }, [announce]);

  useEffect(() => () => window.clearTimeout(timer.current), []);
  // The server fills the form in (a report made again, samples), never over what somebody wrote; and it asks for what
  // is in it after it was away.
  useEffect(() => {
    if (!fillNumber || fillNumber === filled || fillFor !== window.location.search || current.current.trim()) return;
    filled = fillNumber;
    write(fill, 0);
    setName((before) => before || fillName);
  }, [fillNumber]);
  useEffect(() => { if (asked && current.current) announce(0); }, [asked]);

  const take = async (files) => {
    if (!files.length || busy || disabled) return;
    setBusy(true);
    setNote({ error: false, text: `Reading ${files[0].name} …` });
    const said = [];
    for (const file of files) {
      try {
        const answer = await linksOf(file);
        said.push(outcome(file.name, answer));
        if (answer.links.length) {
          const before = current.current.trimEnd();
          write((before ? before + "\n" : "") + answer.links.join("\n") + "\n", 0);
        }
      } catch (error) {
        said.push({ error: true, text: error.message });
      }
    }
    setNote({ error: said.some((one) => one.error), text: said.map((one) => one.text).join(" ") });
    setBusy(false);
  };
  const withFiles = (event) => Array.from(event.dataTransfer?.types || []).includes("Files");

  return (
    <>
      <label htmlFor="name" className="field-label">Name</label>
      <TextField.Root
        id="name" name="name" size="3" value={name} maxLength={200} disabled={disabled} autoComplete="off"
        placeholder="Spring campaign" onChange={(event) => setName(event.target.value)}
      />
      <label htmlFor="links" className="field-label">Links</label>
      <div
        className={over ? "links-field links-field-over" : "links-field"}
        onDragOver={(event) => { if (withFiles(event)) { event.preventDefault(); setOver(true); } }}
        onDragLeave={(event) => { if (!event.currentTarget.contains(event.relatedTarget)) setOver(false); }}
        onDrop={(event) => {
          if (!withFiles(event)) return;
          event.preventDefault();
          setOver(false);
          take(Array.from(event.dataTransfer.files));
        }}
      >
        <TextArea
          id="links" name="links" rows={12} size="3" value={text} disabled={disabled} spellCheck={false}
          aria-describedby="links-hint links-note" className="links-text"
          placeholder={"https://www.example.com/news/your-story\nhttps://…"}
          onChange={(event) => write(event.target.value, PAUSE)}
        />
        <input type="hidden" name="key" value={key} />
        <div className="links-bar">
          <Button type="button" variant="soft" color="gray" disabled={busy || disabled} onClick={() => picker.current?.click()}>
            {busy ? "Reading …" : "Choose a file"}
          </Button>
          <span id="links-hint">CSV, XLSX or TXT<span className="with-mouse">, or drop it here</span></span>
          {text && !disabled ? (
            <Button type="button" variant="ghost" color="gray" className="links-clear" onClick={() => { write("", 0); setNote(null); document.getElementById("links")?.focus(); }}>
              Clear
            </Button>
          ) : null}
          <input
            ref={picker} type="file" accept=".csv,.tsv,.txt,.xlsx,.xlsm" multiple hidden tabIndex={-1} aria-label="File of links"
            onChange={(event) => { take(Array.from(event.target.files || [])); event.target.value = ""; }}
          />
        </div>
        <p id="links-note" role="status" className={note?.error ? "links-note links-note-error" : "links-note"}>{note?.text || ""}</p>
      </div>
    </>
  );
}
