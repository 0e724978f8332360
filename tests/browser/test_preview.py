"""What runs in the sandbox, seen beside the terminal and in a tab."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.visitor import Visitor

NGINX = "docker run -d --name web -p 8080:80 nginx:1.26"


def test_a_published_port_opens_beside_and_in_a_tab(visitor: Visitor) -> None:
    # Chromium says so of every such frame; this one is of another origin, so it cannot
    visitor.expect_complaints("502", "can escape its sandboxing")
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.command(NGINX, 120)
    chip = tab.page.locator("lab-ports .port-chip")
    expect(chip).to_contain_text("Port 8080 is open")
    with visitor.context.expect_page() as opened:
        chip.get_by_role("link", name="Open in a tab").click()
    expect(opened.value.get_by_role("heading", name="Welcome to nginx!")).to_be_visible()
    assert opened.value.evaluate("opener") is None
    assert opened.value.url.split("/", 3)[3] == "", "the token does not stay in the address"
    chip.get_by_role("button", name="Open beside").click()
    frame = tab.page.frame_locator("lab-preview iframe")
    expect(frame.get_by_role("heading", name="Welcome to nginx!")).to_be_visible()
    expect(tab.page.locator("lab-preview")).to_have_attribute("data-state", "open")
    inner = next(each for each in tab.page.frames if each.parent_frame)
    reach = "(what) => { try { return String(what()) } catch { return 'refused' } }"
    reach = f"(what) => ({reach})(what === 'dom' ? () => parent.document.title : () => document.cookie)"
    assert inner.evaluate(reach, "dom") == "refused"
    assert inner.evaluate(reach, "cookie") == ""
    tab.page.locator("lab-terminal").first.locator(".xterm-helper-textarea").focus(timeout=5000)
    expect(chip).to_have_count(0)
    tab.page.get_by_role("button", name="Close Port 8080").click()
    chip.get_by_role("button", name="Do not mention").click()
    expect(chip).to_have_count(0)
