"""The lists of images (`manifest.toml`, `kubernetes.toml`), read and validated. Standard library only."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.tools.modules import versions

PATH = Path(__file__).with_name("manifest.toml")
KUBERNETES = PATH.with_name("kubernetes.toml")
"""The images that are made once the tools are built."""
FILES = Path(__file__).with_name("files")
"""`files/<image>/` is copied into that image's root filesystem."""

RECIPES = ("debian", "layer", "busybox", "program", "tool", "c")
FROM_TOOLS = ("tool", "c")
"""Recipes of images whose version sandbox/tools pins."""
VERSION = "{version}"
"""Stands for the full version found when the image is built, in tags and environment values."""

_WORD = r"[a-z0-9]+(?:[._-][a-z0-9]+)*"
_NAME = re.compile(rf"{_WORD}(?:/{_WORD})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_PORT = re.compile(r"[1-9][0-9]{0,4}/(tcp|udp)")
_SUITE = re.compile(r"[a-z]+")
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*(?=-|$)")


class ManifestError(Exception):
    """The manifest is wrong: one sentence with the file, the image and the key."""


@dataclass(frozen=True)
class Image:
    """One image as the manifest describes it; see the head of manifest.toml for the keys."""

    name: str
    description: str
    recipe: str
    tags: tuple[str, ...]
    base: str | None = None
    suite: str | None = None
    packages: tuple[str, ...] = ()
    version: str | None = None
    setup: str = ""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    workdir: str | None = None
    user: str | None = None
    stop_signal: str | None = None

    @property
    def repository(self) -> str:
        """Where a registry keeps it. Docker Hub's names are as Docker asks for them (`library/nginx`); before others
        stands their host, which has a dot, and so is no name of Docker Hub's."""
        return self.name if "/" in self.name else f"library/{self.name}"

    @property
    def program(self) -> Path:
        """The path, in the image, of what it runs."""
        return Path((*self.entrypoint, *self.cmd)[0])

    @property
    def files(self) -> Path:
        """The folder of files copied into the image; it need not exist."""
        return FILES / self.name

    def full_tags(self, version: str | None) -> list[str]:
        """The tags with `{version}` filled in, without repetitions.

        Raises ManifestError when a tag that begins with a number does not fit `version`.
        """
        tags = [tag.replace(VERSION, version or "") for tag in self.tags]
        for tag in tags:
            number = _NUMBERED.match(tag)
            if number and version and not f"{version}.".startswith(f"{number[0]}."):
                raise ManifestError(
                    f"Debian now has {self.name} {version}, which the tag {self.name}:{tag} does not fit; "
                    f"change the tags of {self.name} in {PATH.name} and the lessons that use them."
                )
        return list(dict.fromkeys(tags))

    def references(self) -> set[str]:
        """Every name a lesson may use: `nginx:1.26`, `nginx`, and both below `docker.io/library/`."""
        short = {f"{self.name}:{tag}" for tag in self.tags if VERSION not in tag}
        if "latest" in self.tags:
            short.add(self.name)
        if "." in self.name.partition("/")[0] and "/" in self.name:
            return short
        return short | {f"docker.io/{'' if '/' in self.name else 'library/'}{name}" for name in short}


def load(path: Path = PATH) -> tuple[Image, ...]:
    """The images in the order they are built: a base before what lies on it.

    Raises ManifestError.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{path.name} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path.name} is not valid TOML: {error}.") from error
    entries = document.pop("image", None)
    if document:
        raise ManifestError(f"{path.name}: unknown key {sorted(document)[0]!r}; only [[image]] is known.")
    if not isinstance(entries, list) or not entries:
        raise ManifestError(f"{path.name}: no image is listed; add an [[image]] section.")
    images: dict[str, Image] = {}
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise ManifestError(f"{path.name}: image {number} must be an [[image]] section.")
        image = _Reader(path, number, entry).image()
        if image.name in images:
            raise ManifestError(f"{path.name}: image {image.name} is listed twice.")
        if image.base is not None and getattr(images.get(image.base), "recipe", None) != "debian":
            raise ManifestError(
                f'{path.name}: image {image.name}: from: {image.base} is not an image with recipe "debian" '
                "that is listed above."
            )
        images[image.name] = image
    return tuple(images.values())


def image_names(path: Path = PATH) -> frozenset[str]:
    """Every reference that sandboxes can pull and lessons may name. Raises ManifestError."""
    return frozenset().union(*(image.references() for image in load(path)))


class _Reader:
    """One [[image]] section, key by key; says which key is wrong."""

    def __init__(self, path: Path, number: int, entry: dict[str, Any]) -> None:
        self.path, self.entry = path, dict(entry)
        name = entry.get("name")
        self.label = name if isinstance(name, str) and name else f"number {number}"

    def fail(self, key: str, problem: str) -> ManifestError:
        return ManifestError(f"{self.path.name}: image {self.label}: {key}: {problem}.")

    def text(self, key: str, pattern: re.Pattern[str] | None = None) -> str | None:
        value = self.entry.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.fail(key, "must be a text that is not empty")
        if pattern and not pattern.fullmatch(value):
            raise self.fail(key, f"{value!r} is not allowed here")
        return value

    def required(self, key: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self.text(key, pattern)
        if value is None:
            raise self.fail(key, "is missing")
        return value

    def texts(self, key: str, pattern: re.Pattern[str] | None = None) -> tuple[str, ...]:
        value = self.entry.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.fail(key, "must be a list of texts")
        for item in value:
            if pattern and not pattern.fullmatch(item.replace(VERSION, "0")):
                raise self.fail(key, f"{item!r} is not allowed here")
        return tuple(value)

    def environment(self) -> dict[str, str]:
        value = self.entry.pop("env", {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
            raise self.fail("env", "must be a table of texts")
        return value

    def image(self) -> Image:
        image = Image(
            name=self.required("name", _NAME),
            description=self.required("description"),
            recipe=self.required("recipe", re.compile("|".join(RECIPES))),
            tags=self.texts("tags", _TAG),
            base=self.text("from"),
            suite=self.text("suite", _SUITE),
            packages=self.texts("packages", _PACKAGE),
            version=self.text("version"),
            setup=self.text("setup") or "",
            entrypoint=self.texts("entrypoint"),
            cmd=self.texts("cmd"),
            env=self.environment(),
            ports=self.texts("ports", _PORT),
            volumes=self.texts("volumes", re.compile("/.+")),
            workdir=self.text("workdir", re.compile("/.*")),
            user=self.text("user"),
            stop_signal=self.text("stop_signal", re.compile("SIG[A-Z0-9+-]+")),
        )
        if self.entry:
            raise self.fail(sorted(self.entry)[0], "is not a known key")
        self.check(image)
        return self.pinned(image) if image.recipe in FROM_TOOLS else image

    def pinned(self, image: Image) -> Image:
        """With the version that sandbox/tools pins in its tags."""
        version = versions().get(image.version or "")
        if version is None:
            raise self.fail("version", f"{image.version!r} is no project of sandbox/tools")
        return replace(image, tags=tuple(tag.replace(VERSION, version) for tag in image.tags))

    def check(self, image: Image) -> None:
        """What one key demands of another."""
        if not image.tags:
            raise self.fail("tags", "at least one is needed")
        if repeated := {tag for tag in image.tags if image.tags.count(tag) > 1}:
            raise self.fail("tags", f"{sorted(repeated)[0]!r} is listed twice")
        if not image.entrypoint and not image.cmd:
            raise self.fail("cmd", "is missing, and there is no entrypoint either")
        if (image.base is not None) != (image.recipe == "layer"):
            raise self.fail("from", 'belongs to recipe "layer", which needs it')
        if (image.suite is not None) != (image.recipe in ("debian", "busybox", "c")):
            raise self.fail("suite", 'belongs to recipes "debian", "busybox" and "c", which need it')
        if not image.packages and image.recipe in ("layer", "busybox", "c"):
            raise self.fail("packages", "at least one is needed")
        used = [*image.tags, *image.env.values()]
        if image.version is None and any(VERSION in text or _NUMBERED.match(text) for text in used):
            raise self.fail("version", "is missing, and a tag or env depends on it")
