// Common to all pages: a message at the top if a script fails, and a button that switches between light and dark.

function sayFault(reason) {
  const place = document.getElementById("fault");
  place.textContent = `Part of this page does not work: ${reason}.`;
  place.hidden = false;
}

window.addEventListener("error", (event) => sayFault(event.message));
window.addEventListener("unhandledrejection", (event) => sayFault(event.reason?.message ?? event.reason));

document.getElementById("theme").onclick = () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
};
