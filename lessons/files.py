"""Files that a learner edits in the page: saved inside their sandbox, and kept as they left them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from lessons.blocks import File
from lessons.fences import FILE_LIMIT
from lessons.models import FileText
from lessons.scripts import Run, clean_hint
from lessons.tree import Step
from sandbox.errors import Reason, SandboxError

SECONDS = 10.0

WRITE = """
path=$1 mode=$2
folder=$(dirname -- "$path")
mkdir -p -- "$folder" 2>/dev/null || { echo "the folder $folder cannot be made"; exit 1; }
[ ! -e "$path" ] || [ -f "$path" ] || { echo "$path is there already and is no file"; exit 1; }
[ ! -L "$path" ] || [ -e "$path" ] || { echo "$path is a link that leads nowhere"; exit 1; }
{ cat >"$path" && chmod -- "$mode" "$path"; } 2>&1 || exit 1
"""
"""Runs inside the sandbox, so that its links lead to nothing but the sandbox. Writes in place, as a container
that has the file mounted sees only that. What is wrong is its last line."""


def write(file: File, text: str, run: Run) -> None:
    """Save a text as that file. Raises SandboxError with a sentence for the learner."""
    argv = ["/bin/bash", "-c", WRITE, "save", file.path, file.mode]
    result = run(argv, timeout=SECONDS, stdin=text.encode())
    if result.exit_code:
        said = clean_hint(result.stdout + result.stderr) or f"exit code {result.exit_code}"
        raise SandboxError(f"{file.path} could not be saved: {said}.", reason=Reason.INVALID)


def write_initial(step: Step, run: Run) -> None:
    """Save all files of a step as its text gives them, for its solution. Raises SandboxError."""
    for file in step.files.values():
        write(file, file.text, run)


def check_text(text: Any) -> str:
    """A text that may be saved. Raises ValueError with a sentence for the learner."""
    if not isinstance(text, str) or "\0" in text:
        raise ValueError("Only text can be saved here.")
    if len(text.encode("utf-8", errors="replace")) > FILE_LIMIT:
        raise ValueError(f"A file may have {FILE_LIMIT // 1024} KiB here; make longer ones in the terminal.")
    return text.encode("utf-8", errors="replace").decode()


def keep(learner: str, lesson: str, step: str, block: str, text: str, sandbox: str) -> FileText:
    """Note what was saved, and where."""
    row, _ = FileText.objects.update_or_create(
        learner_id=learner,
        lesson=lesson,
        step=step,
        block=block,
        defaults={"text": text, "sandbox": sandbox, "saved_at": timezone.now()},
    )
    return row


def states(learner: str | None, lesson: str, step: Step) -> list[dict[str, str]]:
    """The `file` messages, without type, of what the learner has saved in a step."""
    if learner is None or not step.files:
        return []
    rows = FileText.objects.filter(learner_id=learner, lesson=lesson, step=step.slug, block__in=[*step.files])
    return [message(row) for row in rows]


def message(row: FileText) -> dict[str, str]:
    """The channel's `file` message, without its type."""
    return {"step": row.step, "block": row.block, "text": row.text, "sandbox": row.sandbox}
