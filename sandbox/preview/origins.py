"""Where a port of a sandbox opens: an origin of its own for each, in one of three ways (docs/previews.md)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from lab import env
from lab.hosts import loopback_of, loopback_only

RANGE = range(9000, 9032)
"""Ports for previews where visitors come from other machines and the operator names no domain."""
LABEL = re.compile(r"([1-9][0-9]{0,4})-([a-z0-9-]{4,40})")


class Mode(StrEnum):
    """How origins are told apart."""

    LOCAL = "local"  # PORT-KEY.localhost, for browsers on this machine
    DOMAIN = "domain"  # PORT-KEY.DOMAIN
    PORTS = "ports"  # one port of this machine for each
    OFF = "off"  # a proxy stands before the lab, and nobody said which names it passes on


@dataclass(frozen=True)
class Target:
    """A port inside a sandbox."""

    key: str
    port: int


def mode() -> Mode:
    """What the settings ask for."""
    if settings.PREVIEW_DOMAIN:
        return Mode.DOMAIN
    if settings.PREVIEW_PORTS:
        return Mode.PORTS
    if settings.TRUST_PROXY:
        return Mode.OFF
    return Mode.LOCAL if loopback_only(settings.HOST) else Mode.PORTS


def ports() -> range:
    """The ports that mode PORTS may use."""
    given: range | None = settings.PREVIEW_PORTS
    return given or RANGE


def listen_on() -> str:
    """The address that the preview process listens on."""
    host = str(settings.HOST)
    return loopback_of(host) if loopback_only(host) else host  # where *.localhost leads


def origin(target: Target, *, host: str, secure: bool, listening: int = 0) -> str:
    """The origin where `target` opens for who visits the lab as `host`; `listening`: its port in mode PORTS."""
    scheme = "https" if secure else "http"
    match mode():
        case Mode.LOCAL:
            return f"http://{target.port}-{target.key}.localhost:{settings.PREVIEW_PORT}"
        case Mode.DOMAIN:
            return f"{scheme}://{target.port}-{target.key}.{_domain()}"
        case _:
            return f"http://{hostname(host)}:{listening}"


def _domain() -> str:
    """The domain, with the port that browsers must name; a proxy's is its scheme's own unless given."""
    given = str(settings.PREVIEW_DOMAIN)
    return given if ":" in given or settings.TRUST_PROXY else f"{given}:{settings.PREVIEW_PORT}"


def frame_sources(host: str, *, secure: bool) -> list[str]:
    """What a page of the lab, visited as `host`, may show in frames, as sources of its content policy."""
    match mode():
        case Mode.LOCAL:
            return [f"http://*.localhost:{settings.PREVIEW_PORT}"]
        case Mode.DOMAIN:
            return [f"{'https' if secure else 'http'}://*.{_domain()}"]
        case Mode.PORTS:
            return [f"http://{hostname(host)}:{port}" for port in ports()]
        case _:
            return []


def named(host: str) -> Target | None:
    """The target that a Host header names, in modes LOCAL and DOMAIN; None for any other name."""
    suffix = ".localhost" if mode() is Mode.LOCAL else f".{str(settings.PREVIEW_DOMAIN).partition(':')[0]}"
    name = hostname(host.lower())
    match = LABEL.fullmatch(name.removesuffix(suffix)) if name.endswith(suffix) else None
    if match is None or int(match[1]) > 65535:
        return None
    return Target(match[2], int(match[1]))


def known_here(host: str) -> bool:
    """Whether the lab answers to this name at all; for mode PORTS, where previews share it."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


def hostname(host: str) -> str:
    """A Host header without its port; brackets of an IPv6 address stay."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def cross_site() -> bool:
    """Whether a preview inside the lab's page is another site to browsers, so that cookies must say they may
    be sent there. It is not where only the port differs, and over plain HTTP cookies could not say it."""
    return mode() is Mode.LOCAL or (mode() is Mode.DOMAIN and settings.TRUST_PROXY)


def lab_origins(host: str, *, secure: bool) -> list[str]:
    """Origins of the lab's own pages as far as they are known here, the likeliest first."""
    scheme = "https" if secure else "http"
    if mode() is Mode.LOCAL:
        names = [
            settings.HOST if ":" not in settings.HOST else f"[{settings.HOST}]",
            "localhost",
            "127.0.0.1",
        ]
        return [f"http://{name}:{settings.PORT}" for name in dict.fromkeys(names)]
    if mode() is Mode.PORTS:
        return [f"http://{hostname(host)}:{settings.PORT}"]
    port = "" if settings.TRUST_PROXY else f":{settings.PORT}"
    return [f"{scheme}://{name}{port}" for name in env.listing("LAB_HOSTS") if name[:1] not in (".", "*")]
