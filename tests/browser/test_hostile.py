"""What programs print to do harm: the terminal types back nothing but the standard's harmless answers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Position, WebSocket, expect

from tests.browser.conftest import Visit
from tests.browser.test_terminal import CLIPBOARD, clipboard, put_on_clipboard
from tests.browser.visitor import Tab

HEADER = 13
ANSWER = re.compile(
    rb"""(?:\x1b\[\??\d+;\d+(?:;\d+)?R  # where the cursor is
    |\x1b\[0n                            # all is well
    |\x1b\[[IO]                          # whether it has the focus
    |\x1b\[[?>]\d+(?:;\d+)*c             # what kind of terminal
    |\x1b\[\??\d+;\d\$y                  # a mode
    |\x1bP[01]\$r[0-9;]*\ ?["\w]{0,2}\x1b\\  # a setting
    |\x1bP>\|xterm\.js\([\d.]+\)\x1b\\   # its name
    |\x1b\[\d;\d+;\d+t                   # a size
    |\x1b\]\d+(?:;\d+)?;rgb:[0-9a-f/]+(?:\x1b\\|\x07)  # a colour
    )""",
    re.VERBOSE,
)
HOSTILE = [
    r"\e]52;c;ZXZpbA==\a", r"\e]52;c;?\a", r"\e]52;p;ZXZpbA==\e\\",
    r"\e]2;evil\necho owned\a\e[21t", r"\e]0;evil\a\e[20t", r"\e[22t\e[23t\e[21t", r"\e]l\e\\\e]L\e\\",
    r"\e[3;0;0t\e[4;900;900t\e[8;200;200t\e[9;1t\e[2t\e[5t\e[6t\e[11t\e[13t\e[14t\e[15t\e[18t\e[19t",
    r"\eP$qevil\necho owned\n\e\\",
    r"\eP$qm\e\\\eP$q\"p\e\\\eP$qr\e\\\eP$q q\e\\", r"\eP+q544e\e\\", r"\eP+q6576696c0a\e\\",
    r"\e[c\e[>c\e[=c\e[>q\e[5n\e[6n\e[?6n\e[?15n\e[?25n\e[?26n\e[?996n\eZ\x05",
    r"\e[?1$p\e[?2026$p\e[4$p\e[1*y\e[1;1;1;1;1;1*y",
    r"\e]10;?\a\e]11;?\a\e]12;?\a\e]4;1;?\a\e]4;1;#123456\a\e]4;1;?\a",
    r"\e]50;?\a\e]51;evil\a\e]7;file:///evil\a\e]9;evil\a\e]777;notify;a;b\a\e]1337;ReportVariable=cGF0aA==\a",
    r"\e_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\e\\", r"\e^evil\necho owned\n\e\\", r"\eX\necho owned\n\e\\",
    r"\e[1000000000A\e[99999999999999999999C\e[65535;65535H\e[1000000b", r"\e]8;;javascript:alert(1)\aclick\e]8;;\a",
    r"\e]8;;https://example.org/\nevil\aclick\e]8;;\a",
    r"\e]1337;File=name=ZXZpbA==;inline=1:AAAA\a\eP0;0;0q~\e\\\e]1337;RequestUpload=format=tgz\a\e]1337;Copy=:ZXZpbA==\a",
    r"\e[?u\e[>1u\e[<u\e[>4;2m\e[?4m\e[?1004h\e[?1004l\e[?1003h\e[?1006h\e[?1006l\e[?1003l",
    r"\e]5522;type=read\a\e]99;i=1:p=?;\a\e]22;?__current__\a\e]21;foreground=?\a\e]60\a\e]3;?WM_NAME\a",
]  # fmt: skip


def typed(tab: Tab) -> list[bytes]:
    """The payloads of input frames that the page sends from now on."""
    found: list[bytes] = []

    def sent(payload: str | bytes) -> None:
        if isinstance(payload, bytes) and payload[:1] == b"\x01":
            found.append(payload[HEADER:])

    def opened(socket: WebSocket) -> None:
        if "/ws/terminal/" in socket.url:
            socket.on("framesent", sent)

    tab.page.on("websocket", opened)
    return found


def test_what_is_printed_never_types(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    frames = typed(tab)
    tab.open_lesson()
    put_on_clipboard(tab, "mine")
    tab.command(f"cat > ~/hostile <<'END'\n{chr(10).join(HOSTILE)}\nEND\n")
    title = tab.page.title()
    # Raw and silent, so that what comes back can be told from what is echoed; then what came back is shown.
    script = 'stty raw -echo; while read -r l; do printf "$l"; done < ~/hostile; sleep 1; stty sane'
    frames.clear()
    with tab.one_command("the hostile program"):
        tab.keys(f"bash -c '{script}; dd bs=64k count=1 iflag=nonblock of=/dev/null 2>&1 | head -c 0'\n")
        line = b"".join(frames)
        tab.until(
            lambda: line.endswith(b"\r") or b"".join(frames).endswith(b"\r"), "the command's being typed"
        )
        frames.clear()
    answers = b"".join(frames)
    assert answers, "not even the harmless questions were answered: nothing was tried"
    rest = ANSWER.sub(b"", answers)
    assert rest == b"", f"typed back: {rest!r}"
    assert b"evil" not in answers and b"\r" not in answers and b"\n" not in answers
    assert clipboard(tab) == "mine"
    assert tab.page.title() == title
    tab.command("clear")
    assert tab.state == "connected" and "alive-2" in tab.command("echo alive-$((1+1))")


@pytest.mark.parametrize("address", ["https://example.org/real", "javascript:alert(1)", "file:///etc/passwd"])
def test_a_link_that_hides_where_it_leads(visit: Visit, address: str) -> None:
    tab = visit().tab
    tab.page.context.route("https://example.org/**", lambda route: route.fulfill(body="there"))
    tab.open_lesson()
    tab.command(rf"clear; printf '\e]8;;{address}\e\\the-documents\e]8;;\e\\\n'")
    dialog = tab.page.get_by_role("dialog", name="Open a link")
    where: Position = {"x": 40, "y": 6}
    screen = tab.page.locator(".xterm-screen")
    screen.hover(position=where)
    screen.click(position=where)
    if not address.startswith("https"):
        tab.page.wait_for_timeout(300)
        expect(dialog).to_be_hidden()
        assert len(tab.page.context.pages) == 1
        return
    expect(dialog).to_contain_text("example.org")
    expect(dialog).to_contain_text("https://example.org/real")
    dialog.get_by_role("button", name="Cancel").click()
    assert len(tab.page.context.pages) == 1
    screen.hover(position={"x": 60, "y": 6})
    screen.click(position={"x": 60, "y": 6})
    with tab.page.context.expect_page() as opened:
        dialog.get_by_role("button", name="Open").click()
    assert opened.value.url == "https://example.org/real"
    assert opened.value.evaluate("window.opener") is None
