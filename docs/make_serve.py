"""Make docs/serve.png, a screenshot of `inkhook serve`: `python docs/make_serve.py`.

Draws 2026 in Debian's Chromium, driven by Playwright.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from pen_digits import SIX, TWO, ZERO, on  # noqa: E402

PICTURE = Path(__file__).with_name("serve.png")
WIDTH, HEIGHT = 1120, 700
PLACES = ((TWO, 0.02, 0.32), (ZERO, 0.28, 0.27), (TWO, 0.56, 0.31), (SIX, 0.8, 0.28))
"""Each digit, and where it begins: in canvas heights."""


def main() -> None:
    """Start a server, draw, and keep what the browser shows."""
    words = [sys.executable, "-m", "inkhook", "serve", "--model", "pretrained"]
    words += ["--port", "0", "--json"]
    with (
        subprocess.Popen(words, stdout=subprocess.PIPE) as server,  # noqa: S603
        sync_playwright() as playwright,
    ):
        url = json.loads(server.stdout.readline() if server.stdout else "")["url"]
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark", device_scale_factor=1
        )
        page.goto(url)
        box = page.locator("#canvas").bounding_box()
        if box is None:
            raise ValueError("the page has no canvas")
        side = box["height"]
        for points, left, top in PLACES:
            way = [
                (box["x"] + x, box["y"] + y)
                for x, y in on(points, side * 0.46, left * side, top * side)
            ]
            page.mouse.move(*way[0])
            page.mouse.down()
            for x, y in way[1:]:
                page.mouse.move(x, y, steps=2)
            page.mouse.up()
        expect(page.locator("#answer")).to_have_text("2026", timeout=60_000)
        page.mouse.move(WIDTH - 5, HEIGHT - 5)
        page.wait_for_timeout(1000)
        PICTURE.write_bytes(page.screenshot())
        browser.close()
        server.terminate()


if __name__ == "__main__":
    main()
