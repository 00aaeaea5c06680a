// Chooses the visitor's own time zone in the subscribe form, unless they chose one before.
// Without this script the form holds the zone of the service, and works as well.
"use strict";
(() => {
  const select = document.querySelector("select[data-guess]");
  const chosen = select && select.options[select.selectedIndex];
  if (!chosen || !chosen.defaultSelected) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const own = Array.from(select.options).find((option) => option.value === zone);
  if (own) own.selected = true;
})();
