"""What the chat shows an answer was made from: passages, the chance of each sentence, what an LLM was given."""

from __future__ import annotations

from dataclasses import replace

from fake_chat import (
    TROOPS,
    Scripted,
    asked,
    flat,
    on_screen,
    running,
    troops,
    until,
)

from rag.settings import Settings
from tui.app import BelegApp
from tui.screens.context import ContextScreen

WIDE, NARROW = (140, 40), (80, 24)
QUOTES = [flat(citation.quote.text) for citation in troops().citations]


def chat(settings: Settings) -> BelegApp:
    return BelegApp(settings, open_=Scripted().open)


async def test_f9_shows_the_passages_in_order_with_scores_and_the_prompts_to_the_letter(settings: Settings) -> None:
    app = chat(settings)
    async with running(app, (140, 120)) as pilot:
        turn = await asked(pilot)
        assert turn.answer is not None
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ContextScreen))
        await until(pilot, lambda: "Prompt 1 of 1" in on_screen(app))
        shown, at = on_screen(app), -1
        for passage in turn.answer.passages:
            head = f"{passage.rank}. {passage.score:.3f} found by meaning + words"
            assert shown.index(head) > at
            at = shown.index(head)
            assert flat(passage.shown) in " ".join(on_screen(app, widget) for widget in app.screen.query(".passage"))
        prompt = app.screen.query(".prompt")[0]
        assert on_screen(app, prompt).endswith(flat(turn.answer.prompts[0]))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.chat)


async def test_f9_shows_the_chance_of_each_sentence_and_which_of_them_is_cited_and_no_prompt_of_quotes(
    settings: Settings,
) -> None:
    told = troops()
    other = replace(told.considered[1], start=told.considered[1].end + 1, end=told.considered[1].end + 60, support=0.07)
    other = replace(other, text=other.document.text[other.start : other.end])
    quoted = replace(told, prompts=(), considered=(*told.considered, other))
    app = BelegApp(settings, open_=Scripted({TROOPS: quoted}).open)
    async with running(app, (140, 120)) as pilot:
        await asked(pilot)
        await pilot.press("f9")
        await until(pilot, lambda: isinstance(app.screen, ContextScreen))
        await until(pilot, lambda: "Sentences by the chance" in on_screen(app))
        shown = on_screen(app, app.screen.query_one(".sentences"))
        for citation in told.citations:
            assert f"0.90 [{citation.n}] {citation.quote.document.name}:{citation.quote.start}–" in shown
        assert f"0.07 {other.document.name}:{other.start}–{other.end}" in shown and flat(other.text) in shown
        assert not app.screen.query(".prompt")


# --- what was not found, and what differs --------------------------------------------------
