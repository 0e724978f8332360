"""What of a request and of an answer passes between a browser and a program in a sandbox.

The program sees what it would see of a browser in the sandbox itself: `localhost:PORT`. The lab's cookies
never reach it, since cookies do not tell ports of one host apart, and nothing that it answers may touch
what the browser keeps for the lab.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from multidict import CIMultiDict

from sandbox.preview.origins import Target

HOP = frozenset((
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
    "transfer-encoding", "upgrade",
))  # fmt: skip
"""Headers of one connection (RFC 9110, section 7.6.1)."""
NOT_IN = HOP | {"host", "expect", "forwarded", "x-real-ip", "cookie", "http2-settings"}
NOT_OUT = HOP | {
    "alt-svc", "clear-site-data", "expect-ct", "nel", "public-key-pins", "report-to", "reporting-endpoints",
    "set-cookie", "strict-transport-security", "x-frame-options", "content-security-policy", "location",
}  # fmt: skip
"""Left out of answers: what would outlive the preview or reach beyond its origin. The last ones are
rewritten."""
SOCKET = "sec-websocket-"
COOKIE = "lab_preview"
"""Cookies of the previews themselves begin so."""
OWN_HOSTS = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")  # noqa: S104 - compared only

Fields = Iterable[tuple[str, str]]
Names = frozenset[str]


def cookies(fields: Fields) -> list[tuple[str, str]]:
    """All cookies of a request by name and value, as they came."""
    found = []
    for name, value in fields:
        if name.lower() == "cookie":
            for part in value.split(";"):
                key, _, rest = part.strip().partition("=")
                found.append((key.strip(), rest.strip()))
    return found


def is_the_labs(cookie: str, names: Names) -> bool:
    """Whether a cookie of that name belongs to the lab; browsers let programs write prefixes before it."""
    bare = cookie.removeprefix("__Host-").removeprefix("__Secure-")
    return bare in names or bare.startswith(COOKIE)


def to_sandbox(fields: Fields, target: Target, origin: str, names: Names) -> CIMultiDict[str]:
    """The request's headers for the program. `names` are the lab's cookies."""
    fields = list(fields)
    left_out = NOT_IN | _named_by_connection(fields)
    inside = f"localhost:{target.port}"
    sent = CIMultiDict({"Host": inside})
    for name, value in fields:
        low = name.lower()
        if low in left_out or low.startswith((SOCKET, "x-forwarded-")):
            continue
        if low in ("origin", "referer") and (value == origin or value.startswith(f"{origin}/")):
            value = f"http://{inside}{value[len(origin) :]}"
        sent.add(name, value)
    kept = [
        f"{name}={value}" if value else name
        for name, value in cookies(fields)
        if not is_the_labs(name, names)
    ]
    if kept:
        sent["Cookie"] = "; ".join(kept)
    return sent


def to_browser(
    fields: Fields, target: Target, origin: str, names: Names, *, frame: Iterable[str], cross_site: bool
) -> CIMultiDict[str]:
    """The answer's headers for the browser. `frame`: origins whose pages may show it in a frame;
    `cross_site`: those are another site than `origin`."""
    fields = list(fields)
    left_out = NOT_OUT | _named_by_connection(fields)
    sent: CIMultiDict[str] = CIMultiDict()
    for name, value in fields:
        low = name.lower()
        if low == "set-cookie":
            kept = set_cookie(value, names, cross_site=cross_site)
            if kept:
                sent.add(name, kept)
        elif low == "location":
            sent.add(name, location(value, target, origin))
        elif low == "content-security-policy":
            policies = [without_ancestors(policy) for policy in value.split(",")]
            for policy in filter(None, policies):
                sent.add(name, policy)
        elif low not in left_out and not low.startswith(SOCKET):
            sent.add(name, value)
    sent.add("Content-Security-Policy", " ".join(["frame-ancestors 'self'", *frame]))
    return sent


def set_cookie(value: str, names: Names, *, cross_site: bool) -> str | None:
    """A cookie that a program sets, for its own origin alone; None when it has the name of one of the lab's.

    In a frame of another site only cookies that say so are kept by browsers at all.
    """
    pair, *attributes = [part.strip() for part in value.split(";")]
    name = pair.partition("=")[0].strip()
    if not name or is_the_labs(name, names):
        return None
    gone = {"domain"} | ({"samesite", "secure", "partitioned"} if cross_site else set())
    kept = [part for part in attributes if part.partition("=")[0].strip().lower() not in gone]
    added = ["SameSite=None", "Secure", "Partitioned"] if cross_site else []
    return "; ".join([pair, *kept, *added])


def location(value: str, target: Target, origin: str) -> str:
    """A redirect to the program's own address leads to the preview's; any other stays as it is."""
    match = re.match(r"(?:https?:)?//([^/?#]*)", value, re.IGNORECASE)
    if match is None:
        return value
    host = match[1].lower()
    ports = {f"{name}:{target.port}" for name in OWN_HOSTS}
    if target.port == 80:
        ports |= set(OWN_HOSTS)
    if host not in ports:
        return value
    rest = value[match.end() :]
    return f"{origin}{rest if rest.startswith('/') else '/' + rest}"


def without_ancestors(policy: str) -> str:
    """A content policy without its word on frames: the lab's page shows the preview in one."""
    kept = [
        part.strip()
        for part in policy.split(";")
        if part.strip() and part.split()[0].lower() != "frame-ancestors"
    ]
    return "; ".join(kept)


def _named_by_connection(fields: Fields) -> set[str]:
    """Headers that the Connection header says are of this connection only."""
    listed = [value for name, value in fields if name.lower() == "connection"]
    return {part.strip().lower() for value in listed for part in value.split(",")}
