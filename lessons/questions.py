"""Fenced quiz and predict blocks: from their YAML to a question of the course, and its HTML without the answer."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from html import escape
from typing import Any

import yaml

from lessons import bodies, inline
from lessons.blocks import Option, Predict, Quiz, block_id, fold
from lessons.bodies import Body, Complain, Field

QUIZ = {
    "kind": Field("text", required=True),
    "question": Field("text", required=True),
    "options": Field("list"),
    "answer": Field("scalar"),
    "tolerance": Field("number"),
    "accept": Field("texts"),
    "why": Field("text"),
    "hint": Field("text"),
}
QUIZ_KINDS = {
    "choice": ("options",),
    "choices": ("options",),
    "number": ("answer", "tolerance"),
    "text": ("answer", "accept"),
}
"""Which keys of an answer each kind of quiz has."""
OPTION = {"text": Field("text", required=True), "right": Field("switch"), "why": Field("text")}
PREDICT = {
    "kind": Field("text", required=True),
    "question": Field("text", required=True),
    "options": Field("texts"),
    "truth": Field("text", required=True),
    "why": Field("text"),
}
PREDICT_KINDS = {"text": (), "number": (), "choice": ("options",)}
MOST_OPTIONS = 10


def quiz(content: str, options: object, complain: Complain) -> Quiz | None:
    """The quiz in a fenced block; None, with everything that is wrong complained of."""
    body, heard = _read(content, QUIZ, complain)
    if body is None:
        return None
    kind = body.values.get("kind", "")
    _check_kind(body, QUIZ_KINDS, heard)
    html = _texts(body, ("question", "why", "hint"), heard)
    choices = _options(body, kind, heard) if kind in ("choice", "choices") else ()
    answer = body.values.get("answer", "")
    if kind in ("number", "text") and "answer" not in body.lines:
        heard(0, f"answer is missing: a quiz of kind {kind} needs one")
    elif kind == "number" and "answer" in body.values and not isinstance(answer, Decimal):
        heard(body.line("answer"), "answer must be a number")
    if body.values.get("tolerance", Decimal(0)) < 0:
        heard(body.line("tolerance"), "tolerance must not be less than 0")
    if heard.count:
        return None
    asked = [option.text for option in choices]
    return Quiz(
        id=block_id("quiz", kind, html["question"], *asked),
        kind=kind,
        question=html["question"],
        options=choices,
        answer=answer if kind == "number" else Decimal(0),
        tolerance=body.values.get("tolerance", Decimal(0)),
        accepted=frozenset(fold(one) for one in (_written(answer), *body.values.get("accept", ()))),
        shown_answer=escape(_written(answer)),
        why=html["why"],
        hint=html["hint"],
    )


def predict(content: str, options: object, complain: Complain) -> Predict | None:
    """The question of a fenced block whose answer is in the sandbox; None, with complaints, if it is none."""
    body, heard = _read(content, PREDICT, complain)
    if body is None:
        return None
    kind = body.values.get("kind", "")
    _check_kind(body, PREDICT_KINDS, heard)
    html = _texts(body, ("question", "why"), heard)
    choices = tuple(body.values.get("options", ()))
    if kind == "choice" and "options" in body.values:
        _check_options([(body.line("options"), text) for text in choices], body, heard)
    if heard.count:
        return None
    return Predict(
        id=block_id("predict", kind, html["question"], *choices),
        kind=kind,
        question=html["question"],
        truth=body.values["truth"] + "\n",
        options=choices,
        why=html["why"],
    )


class _Heard:
    """Passes complaints on and counts them."""

    def __init__(self, complain: Complain) -> None:
        self.count = 0
        self._complain = complain

    def __call__(self, line: int, message: str) -> None:
        self.count += 1
        self._complain(line, message)


def _read(content: str, schema: dict[str, Field], complain: Complain) -> tuple[Body | None, _Heard]:
    heard = _Heard(complain)
    return bodies.parse(content, schema, heard), heard


def _written(answer: Any) -> str:
    return f"{answer:f}" if isinstance(answer, Decimal) else str(answer)


def _texts(body: Body, keys: tuple[str, ...], heard: _Heard) -> dict[str, str]:
    return {key: inline.render(body.values.get(key, ""), _about(body.line(key), key, heard)) for key in keys}


def _about(line: int, key: str, heard: _Heard) -> Callable[[str], None]:
    return lambda message: heard(line, f"{key} {message}")


def _check_kind(body: Body, kinds: dict[str, Any], heard: _Heard) -> None:
    kind = body.values.get("kind")
    if kind is None:
        return
    if kind not in kinds:
        heard(body.line("kind"), f"there is no kind {kind}; there is {', '.join(kinds)}")
        return
    for key in {key for keys in kinds.values() for key in keys} - set(kinds[kind]):
        if key in body.lines:
            heard(body.line(key), f"{key} does not go with kind {kind}")
    if "options" in kinds[kind] and "options" not in body.lines:
        heard(0, f"options is missing: kind {kind} needs at least two")


def _options(body: Body, kind: str, heard: _Heard) -> tuple[Option, ...]:
    found: list[tuple[int, Option]] = []
    for line, node in body.values.get("options", ()):
        if not isinstance(node, yaml.MappingNode):
            heard(line, "an option must be lines of text, right and why")
            continue
        option = bodies.mapping(node, OPTION, heard)
        text = inline.render(option.values.get("text", ""), _about(line, "text", heard))
        why = inline.render(option.values.get("why", ""), _about(option.line("why"), "why", heard))
        found.append((line, Option(text, bool(option.values.get("right")), why)))
    if heard.count:
        return ()
    if found:
        _check_options([(line, option.text) for line, option in found], body, heard)
        right = sum(option.right for _, option in found)
        if kind == "choice" and right != 1:
            heard(body.line("options"), f"{right} options have right: true; kind choice needs exactly one")
        elif not right:
            heard(body.line("options"), "no option has right: true; kind choices needs at least one")
    return tuple(option for _, option in found)


def _check_options(texts: list[tuple[int, str]], body: Body, heard: _Heard) -> None:
    if not 2 <= len(texts) <= MOST_OPTIONS:
        heard(body.line("options"), f"there must be 2 to {MOST_OPTIONS} options")
    seen: set[str] = set()
    for line, text in texts:
        if fold(text) in seen:
            heard(line, f"the option {text} is given twice")
        seen.add(fold(text))


# How they are shown


def show_quiz(block: Quiz) -> str:
    """The quiz as a form that says nothing of its answer."""
    texts = [option.text for option in block.options]
    return _form(block.id, "quiz", block.kind, block.question, texts, "Answer")


def show_predict(block: Predict) -> str:
    """The question as a form that says nothing of how the truth is found."""
    texts = [escape(option) for option in block.options]
    return _form(block.id, "predict", block.kind, block.question, texts, "See what happens")


def _form(name: str, role: str, kind: str, question: str, options: list[str], button: str) -> str:
    """`question` and `options` are safe HTML."""
    if options:
        box = "checkbox" if kind == "choices" else "radio"
        answers = "".join(
            f'<label class="option"><input type="{box}" name="{name}" value="{index}">'
            f'<span>{text}</span></label><p class="option-why" data-why="{index}" hidden></p>'
            for index, text in enumerate(options)
        )
        answers = f'<div class="options">{answers}</div>'
    else:
        keyboard = ' inputmode="decimal"' if kind == "number" else ""
        answers = (
            f'<p class="answer-line"><input type="text" class="field" name="{name}" maxlength="500"'
            f'{keyboard} autocomplete="off" autocapitalize="off" spellcheck="false" '
            f'aria-label="Your answer"></p>'
        )
    caption = {"quiz": "Question", "predict": "Predict first"}[role]
    several = " <small>Several may be right.</small>" if kind == "choices" else ""
    return (
        f'<form class="question" data-block="{name}" data-role="{role}" data-kind="{kind}">'
        f'<p class="question-kind">{caption}</p>'
        f"<fieldset><legend>{question}{several}</legend>{answers}</fieldset>"
        f'<div class="question-row"><button type="submit" class="button" data-part="answer" hidden>{button}'
        f'</button><p class="question-says" data-part="says" role="status"></p></div>'
        f'<div class="question-why" data-part="why" hidden></div></form>\n'
    )
