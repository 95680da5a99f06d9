// What only the browser knows: its time zone, which theme it shows, and where the focus is.
import { useContext, useEffect, useRef } from "react";
import { ColorModeContext } from "$/utils/context";

export function TellZone({ onZone }) {
  useEffect(() => {
    try { onZone?.(Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""); } catch { /* it stays untold */ }
  }, []);
  return null;
}

const TAKEN = "coveragereport_theme";

export function TakeTheme({ theme }) {
  const { setColorMode } = useContext(ColorModeContext);
  useEffect(() => {
    try {
      if (!theme || window.localStorage.getItem(TAKEN) === theme) return;
      window.localStorage.setItem(TAKEN, theme);
    } catch { return; }
    setColorMode(theme);
  }, [theme]);
  return null;
}

// What had the focus last.
let focused = null;

export function KeepFocus() {
  useEffect(() => {
    const note = (event) => { focused = event.target; };
    const look = () => {
      if (!focused || focused.isConnected || document.activeElement !== document.body) return;
      // A dialog looks after the focus by itself, and gives it back to what opened it.
      if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
      focused = null;
      document.getElementById("content")?.focus({ preventScroll: true });
    };
    const observer = new MutationObserver(look);
    document.addEventListener("focusin", note);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", note);
      observer.disconnect();
    };
  }, []);
  return null;
}

export function ThemeButtons({ value, onChoose }) {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  const choose = (theme) => {
    setColorMode(theme);
    if (theme !== value) onChoose?.(theme);
  };
  return (
    <div className="themes" role="group" aria-label="Theme">
      {[["system", "System"], ["light", "Light"], ["dark", "Dark"]].map(([theme, label]) => (
        <button key={theme} type="button" aria-pressed={rawColorMode === theme} onClick={() => choose(theme)}>
          <span className="theme-picture" data-theme={theme} aria-hidden="true" />
          {label}
        </button>
      ))}
    </div>
  );
}

// What an action came to, above all that a page shows: an open dialog dims what lies below it.
export function Toasts({ children }) {
  const place = useRef(null);
  useEffect(() => {
    const shown = place.current;
    shown.showPopover();
    // A dialog would take this for a click beside it, and close.
    const keep = (event) => event.stopPropagation();
    shown.addEventListener("pointerdown", keep);
    return () => shown.removeEventListener("pointerdown", keep);
  }, []);
  return <div ref={place} popover="manual" className="toast" role="status" aria-live="polite">{children}</div>;
}
