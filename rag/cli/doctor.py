"""`beleg doctor`: what a report of a fault needs, and what to do about what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from rag.cli.flags import given
from rag.cli.help import Command
from rag.cli.options import ANSWERED, UNUSABLE, log_anyway, options, say
from rag.localization import gettext, interface_language, pgettext, use

if TYPE_CHECKING:
    from rag.maintenance.findings import Finding, Probe

_MARKS = {"fine": " ", "notice": "!", "broken": "✗"}
_LONGEST = 400  # characters of what is told of one finding


def command(further: Mapping[str, Probe] | None = None) -> click.Command:
    """Return the command; `further` are probes of what the engine knows nothing of."""

    @click.command("doctor", cls=Command)
    @click.option("--json", "as_json", is_flag=True, help="One JSON object.")
    @options
    @click.pass_context
    def doctor(context: click.Context, /, as_json: bool, **flags: Any) -> int:
        """Say what there is, what is wrong, and what to do about it; no word of documents or questions.

        Versions, processor, memory, folders, settings, models, the library, the terminal, the
        last errors. Exits 4 where something is broken. Its output belongs to every report.
        """
        from rag.maintenance.doctor import probes
        from rag.maintenance.findings import examined

        log_anyway()
        language = interface_language()
        if as_json:  # is the same for scripts in any language
            use("en")
        findings = examined({**probes(given(context, flags)), **(further or {})})
        use(language)
        click.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False) if as_json else _text(findings))
        counts = {state: sum(each.state == state for each in findings) for state in _MARKS}
        say(gettext("{broken} broken, {notice} to look at, {fine} fine").format(**counts))
        return UNUSABLE if counts["broken"] else ANSWERED

    return doctor


doctor = command()


def _text(findings: list[Finding]) -> str:
    from rag.text.sanitize import one_line

    lines: list[str] = []
    topic = ""
    for each in findings:
        if each.topic != topic:
            topic = each.topic
            lines.append(pgettext("doctor", topic))
        lines.append(f"{_MARKS[each.state]} {one_line(each.name, 40)}: {one_line(each.value, _LONGEST)}")
        if each.remedy:
            lines.append(f"    → {one_line(each.remedy, _LONGEST)}")
    return "\n".join(lines)
