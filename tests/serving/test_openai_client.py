"""OpenAI's own client uses a library as a model."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from serving_beleg import BRIDGE, MILL, ask


@pytest.fixture
def client(port: int) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="any", max_retries=0, timeout=60) as client:
        yield client


def test_the_library_is_the_one_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["beleg"]
    assert client.models.retrieve("beleg").id == "beleg"
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": MILL}])


def test_an_answer_has_its_citations_as_annotations_that_lead_to_the_text(client: openai.OpenAI, port: int) -> None:
    made = client.chat.completions.create(
        model="beleg", messages=[{"role": "system", "content": "Be brief."}, {"role": "user", "content": MILL}],
        temperature=0, max_tokens=50,
    )  # fmt: skip
    message = made.choices[0].message
    assert message.content == "The mill burned down in 1907. [1]" and made.choices[0].finish_reason == "stop"
    assert message.annotations is not None
    (annotation,) = message.annotations
    cited = annotation.url_citation
    assert message.content[cited.start_index : cited.end_index] == "[1]"
    held = annotation.model_dump()
    assert (held["document"], held["quote"]) == ("mill.txt", "The mill burned down in 1907.")
    text = ask(port, cited.url.removeprefix(f"http://127.0.0.1:{port}")).json
    assert text["text"] == held["quote"] and (text["start"], text["end"]) == (held["start"], held["end"])


def test_a_streamed_answer_is_the_same_and_ends_with_its_annotations(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="beleg", messages=[{"role": "user", "content": BRIDGE}])
    chunks = list(
        client.chat.completions.create(
            model="beleg", messages=[{"role": "user", "content": BRIDGE}], stream=True,
            stream_options={"include_usage": True},
        )
    )  # fmt: skip
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    (annotations,) = [delta.model_dump()["annotations"] for delta in deltas if "annotations" in delta.model_dump()]
    assert annotations == whole.choices[0].message.model_dump()["annotations"]
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None and not chunks[-1].choices


def test_earlier_messages_make_a_follow_up(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(
        model="beleg",
        messages=[
            {"role": "user", "content": [{"type": "text", "text": MILL}]},
            {"role": "assistant", "content": "The mill burned down in 1907. [1]"},
            {"role": "user", "content": "And who rebuilt it?"},
        ],
    )
    assert "Karl Lohse" in str(made.choices[0].message.content)


def test_what_is_of_no_use_is_an_error_of_the_client_with_a_remedy(client: openai.OpenAI) -> None:
    for content in ("", "?", "a" * 2001):
        with pytest.raises(openai.BadRequestError) as refused:
            client.chat.completions.create(model="beleg", messages=[{"role": "user", "content": content}])
        assert refused.value.code == "usage"
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="beleg", messages=[{"role": "assistant", "content": "Hello"}])
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="beleg", messages=[{"role": "user", "content": MILL}], n=3)


def test_what_fails_in_the_midst_of_a_stream_is_told_in_it(client: openai.OpenAI) -> None:
    made = client.chat.completions.create(
        model="beleg",
        messages=[{"role": "user", "content": MILL}],
        stream=True,
        extra_body={"documents": ["whales.txt"]},
    )
    with pytest.raises(openai.APIError, match=r"whales\.txt"):
        list(made)
