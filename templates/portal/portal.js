// The time zone of the browser, so that dates are the reader's from the first page on.
for (const field of document.querySelectorAll("input[name=time_zone]")) {
  try { field.value = Intl.DateTimeFormat().resolvedOptions().timeZone; } catch { /* stays empty */ }
}
// A form is sent once, however often its button is pressed; the way back brings the button back.
for (const form of document.querySelectorAll("form")) {
  form.addEventListener("submit", () => setTimeout(() => form.querySelectorAll("button").forEach((b) => { b.disabled = true; })));
}
addEventListener("pageshow", () => document.querySelectorAll("button").forEach((b) => { b.disabled = false; }));
// By the number in it the dashboard knows a tab: whoever comes next is given another.
try { sessionStorage.clear(); } catch { /* there is none */ }
