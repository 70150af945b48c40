"""Opens a page in a browser and checks what only a browser shows.

    check_page.py [--history] page.html [folder for screenshots]

With --history it is the page of a history, or else that of a report with divergences. Takes the browser
that CHROMIUM names, or else playwright's own. `run` writes the pages, finds or installs what this needs,
and calls it.
"""

import os
import pathlib
import sys

from playwright.sync_api import sync_playwright

# The part of a line that a page may be wider than its window by rounding.
ROUNDING = 1

LOOKS = [
    ("light", {"viewport": {"width": 1200, "height": 900}, "color_scheme": "light"}),
    ("dark", {"viewport": {"width": 1200, "height": 900}, "color_scheme": "dark"}),
    ("narrow", {"viewport": {"width": 400, "height": 800}, "color_scheme": "light"}),
    ("narrowest", {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark"}),
    ("forced", {"viewport": {"width": 1200, "height": 900}, "forced_colors": "active"}),
]

# The contrast of two colours, as WCAG 2 has it, for all text on its ground.
FAINT_TEXT = """() => {
  const channel = it => (it /= 255) <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4;
  const parse = it => it.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const color = parse(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(it => it.nodeType === 3 && it.textContent.trim());
    if (!own || !node.checkVisibility()) continue;
    const [a, b] = [luminance(parse(getComputedStyle(node).color)), luminance(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${node.tagName}.${node.className} ${ratio.toFixed(2)}`);
  }
  return [...new Set(faint)];
}"""


def check_look(page, name, is_history, problems):
    def expect(holds, what):
        if not holds:
            problems.append(f"{name}: {what}")

    width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    expect(width <= ROUNDING, f"the page is {width} pixels wider than its window")
    outside = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(node => {
            const box = node.getBoundingClientRect();
            return node.checkVisibility() && !node.closest('pre') && box.width > 0 && box.right > innerWidth + 1;
        }).map(node => node.tagName + '.' + node.className)"""
    )
    expect(not outside, f"cut off at the right: {outside[:5]}")
    events = page.locator("table.events td.event")
    expect(events.count() > 0, "there are no events")
    rows = page.locator("table.rows tr.diverges")
    if is_history:
        expect(rows.count() == 0, "a history alone has no place where code and history part")
    else:
        expect(rows.count() > 0, "no row shows where code and history part")
    for row in rows.all():
        row.scroll_into_view_if_needed()
        expect(row.is_visible(), "a row that shows where they part is hidden")
        expect("here they part" in row.inner_text(), "a diverging row does not say so in words")
    if name != "forced":
        faint = page.evaluate(FAINT_TEXT)
        expect(not faint, f"text of low contrast: {faint[:8]}")


def check_keyboard(page, is_history, problems):
    """Each part that folds or scrolls is reached and worked by keys."""
    if is_history:
        # Each event unfolds to its JSON.
        page.locator("details.json summary").first.press("Enter")
    reached = set()
    page.evaluate("document.activeElement.blur()")
    count = page.locator("a[href], summary, pre[tabindex]").count()
    for _ in range(count + 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.tagName"))
    expected = {"SUMMARY", "PRE"} if is_history else {"A", "SUMMARY", "PRE"}
    if not expected <= reached:
        problems.append(f"keyboard: only {sorted(reached)} are reached")
    summary = page.locator("summary").last
    summary.focus()
    before = summary.evaluate("node => node.parentElement.open")
    page.keyboard.press("Enter")
    if summary.evaluate("node => node.parentElement.open") == before:
        problems.append("keyboard: Enter does not unfold")


def main():
    arguments = [it for it in sys.argv[1:] if it != "--history"]
    is_history = len(arguments) < len(sys.argv) - 1
    if not arguments:
        sys.exit(__doc__)
    path = pathlib.Path(arguments[0]).resolve()
    shots = pathlib.Path(arguments[1]) if len(arguments) > 1 else None
    problems = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM"), args=["--no-sandbox"]
        )
        for name, look in LOOKS:
            context = browser.new_context(**look)
            page = context.new_page()
            page.on("console", lambda it: problems.append(f"{name}: console: {it.text}"))
            page.on("pageerror", lambda it: problems.append(f"{name}: error: {it}"))
            page.on(
                "request",
                lambda it: it.url.startswith(("file:", "data:"))
                or problems.append(f"{name}: asks for {it.url}"),
            )
            page.goto(path.as_uri())
            check_look(page, name, is_history, problems)
            if name == "light":
                check_keyboard(page, is_history, problems)
            if shots:
                shots.mkdir(parents=True, exist_ok=True)
                page.evaluate("scrollTo(0, 0)")
                page.screenshot(path=shots / f"{name}.png", full_page=True)
            context.close()
        browser.close()
    for problem in problems:
        print(problem)
    print(f"{len(LOOKS) if not problems else 0} passed, {len(problems)} failed")
    sys.exit(bool(problems))


main()
