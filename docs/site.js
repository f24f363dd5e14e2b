// The theme makes these when a page is shown: a landmark for each button that copies code, and
// frames around wide tables that the keyboard cannot scroll.
new MutationObserver(() => {
  for (const nav of document.querySelectorAll(".md-code__nav")) nav.role = "none";
  for (const frame of document.querySelectorAll(".md-typeset__scrollwrap"))
    if (frame.scrollWidth > frame.clientWidth) frame.tabIndex = 0;
}).observe(document.documentElement, { childList: true, subtree: true });
