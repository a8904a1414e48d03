// On a low screen the rail scrolls by itself: the entry of the page in hand is brought into sight.
const rail = document.querySelector(".rail .nav");
const current = rail?.querySelector("[aria-current]");
if (current) rail.scrollTop = current.offsetTop + current.offsetHeight / 2 - rail.clientHeight / 2 - rail.offsetTop;
