// What only the browser knows: its time zone, and which theme it shows.
import { useContext, useEffect } from "react";
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
