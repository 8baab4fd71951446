"""An embedder behind an address: a server that runs a model and speaks OpenAI's embeddings.

vLLM, llama-server, llama-cpp-python's server, Ollama and LM Studio do. What the model wants before a text, as those of
the e5 family do, stands in the address: a name tells nothing that can be relied on. Vectors are comparable where
address, model, prefixes and dimension are the same; that the model behind a name is still the one that it was is seen
by the vector of a text that is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import numpy as np

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.embedder_ability import Abilities, kept_as, measured
from rag.models.embedding_reply import most_bytes, read_vectors
from rag.models.openai_http import Limits, api_key
from rag.models.openai_reply import Fault, first_name, listed_models
from rag.models.prepared_store import digest
from rag.models.server_connection import Connection
from rag.models.vectors import Kind, Vectors
from rag.system.atomic_write import atomic_write
from rag.system.cancellation import CancelToken, current
from rag.system.logs import logger, notice
from rag.system.private_files import private_folder
from rag.system.server_address import EmbedderAddress, parse_embedder_address
from rag.text.sanitize import one_line

TOGETHER = 4  # requests at once, as of texts that are written
BATCH, BATCH_LETTERS = 32, 16_000  # texts of a request, and their characters: a server reads some 512 tokens at once
_SHORTEST = 200  # characters: what a server refuses that is no longer is not refused for its length
# What servers answer to too many texts, or too long ones; 200 where what comes is too long.
_TOO_LONG = (200, 400, 413, 422, 500)
_SAME_MODEL = 0.98  # the least cosine of the kept vector with that of today: other processors and batches round
_PROBES = ("The mill at Oberwiesen burned down in 1907.", "Bananas are yellow.")
_KEPT = "probes.npy"
_NAME = 200  # characters


def open_embedding_server(
    text: str, cache: Path, cancel: CancelToken | None = None, limits: Limits | None = None
) -> ServerEmbedder:
    """Return the embedder that `text` names, as openai:http://HOST:PORT/v1#MODEL, after it has embedded a text.

    Raises UsageError for an address that makes no sense, ModelUnavailable where no such server answers or the model
    is another than it was, or Stopped once `cancel` is cancelled.
    """
    address = parse_embedder_address(text)
    key = api_key()
    _tell(address, key)
    connection = Connection(address.server, key, limits or Limits())
    cancel = cancel or current()
    try:
        model = address.server.model
        if not model:
            listed = connection.again(connection.requests.models, tries=lambda fault: fault.status > 0)
            model = first_name(listed_models(connection.done(listed, cancel)))
        probes = [address.passage + text for text in _PROBES]
        pair = connection.done(_embedded(connection, model, probes, 0), cancel)
        embedder = ServerEmbedder(address, model, connection, pair.shape[1], cache)
        if (kept := embedder.kept()) is None:
            alone = connection.done(_embedded(connection, model, probes[1:], pair.shape[1]), cancel)
            kept = np.concatenate([pair[:1], alone])
            embedder.keep(kept)
        embedder.compare(pair, kept)
    except BaseException as error:
        connection.close()
        if isinstance(error, Fault):
            raise _unavailable(address, error) from error
        raise
    return embedder


class ServerEmbedder:
    """A model that a server runs: an `Embedder`. Threads may share one."""

    def __init__(
        self, address: EmbedderAddress, model: str, connection: Connection, dimension: int, cache: Path
    ) -> None:
        self.address = address
        self.model = model
        self.dimension = dimension
        self._connection = connection
        self._batch = BATCH
        self.fingerprint = digest(["server", address.server.url, model, address.query, address.passage, dimension])
        self._folder = cache / "servers" / self.fingerprint

    @property
    def name(self) -> str:
        """The model's name and the host that runs it; of a file's name, no more than the file."""
        name = self.model.replace("\\", "/").rpartition("/")[2] if self.model.endswith(".gguf") else self.model
        return f"{one_line(name, _NAME)} at {self.address.server.host}"

    @property
    def max_tokens(self) -> int:
        return 512  # of most: what a server refuses for its length is cut

    @cached_property
    def abilities(self) -> Abilities:
        """What it can do in each pair of languages: measured once, and kept in the cache."""
        with suppress(OSError):
            private_folder(self._folder)
        return measured(self, self._folder / kept_as())

    def encode(self, texts: Sequence[str], kind: Kind) -> Vectors:
        """Return unit vectors. Raises ModelUnavailable, or Stopped once what this thread does is cancelled."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        prefix = self.address.query if kind == "query" else self.address.passage
        given = [prefix + (text if text.strip() else ".") for text in texts]  # of nothing, some servers give nothing
        try:
            return self._connection.done(self._together(given), current())
        except Fault as fault:
            raise _unavailable(self.address, fault) from fault

    async def _together(self, texts: Sequence[str]) -> Vectors:
        places = asyncio.Semaphore(TOGETHER)

        async def one(batch: Sequence[str]) -> Vectors:
            async with places:
                return await _embedded(self._connection, self.model, batch, self.dimension)

        asked = [asyncio.ensure_future(one(batch)) for batch in batches(texts, self._batch)]
        try:
            return np.concatenate(await asyncio.gather(*asked))
        finally:
            for each in asked:
                each.cancel()

    def kept(self) -> Vectors | None:
        """Return the vectors of two texts as they were at first, each by itself; None where they are not kept."""
        try:
            kept = np.load(self._folder / _KEPT, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return None
        fits = isinstance(kept, np.ndarray) and kept.dtype == np.float32 and kept.shape == (2, self.dimension)
        return kept if fits and bool(np.isfinite(kept).all()) else None

    def keep(self, vectors: Vectors) -> None:
        """Keep the vectors of two texts; in a cache that cannot be written to they are asked for each time."""
        with suppress(OSError):
            private_folder(self._folder)
            with atomic_write(self._folder / _KEPT, private=True) as unfinished, unfinished.open("wb") as stream:
                np.save(stream, vectors)

    def compare(self, pair: Vectors, kept: Vectors) -> None:
        """See by the vectors of two texts, asked for together, that they are what they were; else ask one by one.

        Raises ModelUnavailable where the model is another.
        """
        same = np.sum(pair * kept, axis=1) >= _SAME_MODEL
        if not same[0]:
            raise ModelUnavailable(
                gettext("The model {name} gives other vectors than it did: it is another model by now.").format(
                    name=self.name
                ),
                gettext("Give it another name there, or delete {folder} and rebuild: beleg index --rebuild").format(
                    folder=self._folder
                ),
            )
        if not same[1]:  # llama-cpp-python's server, with a model that gives a vector for each token
            logger("models").info("the embedder's server mixes up texts of one request: it is asked for one at a time")
            self._batch = 1

    def close(self) -> None:
        """Close all connections."""
        self._connection.close()


def batches(texts: Sequence[str], most: int = BATCH) -> Iterator[Sequence[str]]:
    """Yield texts as they are asked for together: so many at most, and so many characters unless it is one."""
    start, letters = 0, 0
    for at, text in enumerate(texts):
        if at > start and (at - start == most or letters + len(text) > BATCH_LETTERS):
            yield texts[start:at]
            start, letters = at, 0
        letters += len(text)
    yield texts[start:]


async def _embedded(connection: Connection, model: str, texts: Sequence[str], dimension: int) -> Vectors:
    """Return the vectors of texts; fewer at once, or less of a long one, where the server takes no more."""

    async def ask() -> Vectors:
        body = {"model": model, "input": list(texts), "encoding_format": "float"}
        told = await connection.requests.embeddings(body, most_bytes(texts, dimension))
        return read_vectors(told, len(texts), dimension)

    try:
        return await connection.again(ask)
    except Fault as fault:
        if fault.status not in _TOO_LONG or (len(texts) == 1 and len(texts[0]) <= _SHORTEST):
            raise
    if len(texts) == 1:
        return await _embedded(connection, model, [texts[0][: len(texts[0]) // 2]], dimension)
    middle = len(texts) // 2
    first = await _embedded(connection, model, texts[:middle], dimension)
    return np.concatenate([first, await _embedded(connection, model, texts[middle:], first.shape[1])])


def _tell(address: EmbedderAddress, key: str) -> None:
    if address.server.loopback:
        return
    if address.server.encrypted:
        said = gettext("All sentences of your documents and your questions are sent to {host}, which embeds them.")
    elif key:
        said = gettext(
            "All sentences of your documents and your questions are sent to {host}, which embeds them; on the way they "
            "can be read, and so can your key."
        )
    else:
        said = gettext(
            "All sentences of your documents and your questions are sent to {host}, which embeds them; on the way they "
            "can be read."
        )
    notice(said.format(host=address.server.host))


def _unavailable(address: EmbedderAddress, fault: Fault) -> ModelUnavailable:
    return ModelUnavailable(
        gettext("The embedder's server {url} cannot be used: {reason}.").format(
            url=address.server.url, reason=fault.words.rstrip(".")
        ),
        fault.remedy
        or gettext("See whether it runs and the address is right, or name another embedder with --embedder."),
    )
