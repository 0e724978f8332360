// Runs before the page is drawn. A classic script: modules come too late for both of its tasks.
{
  const root = document.documentElement;
  const storage = (name) => {
    try {
      return globalThis[name];
    } catch {
      return null; // blocked in this browser
    }
  };

  // A chosen theme never flashes.
  const theme = storage("localStorage")?.getItem("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  root.dataset.script = "";

  // Chromium drops what is under way whenever a network interface appears on its machine, as each new sandbox
  // on the same machine brings one. A page whose script or style went missing that way is loaded once more.
  const session = storage("sessionStorage");
  const again = (event) => {
    if (!session || !event.target.matches?.("script, link[rel='stylesheet']")) return;
    const last = Number(session.getItem("loaded-again"));
    if (Date.now() - last < 10_000) return;
    session.setItem("loaded-again", String(Date.now()));
    location.reload();
  };
  addEventListener("error", again, { capture: true });
}
