"""The peers of `batch_speed.py`: what each is given, and how it is asked.

Each runs in a process of its own, perhaps with another interpreter than Beleg's, so nothing
of Beleg is imported here; all a peer needs is in its `Job`. `python tests/benchmarks/peers.py`
prints which peers this interpreter can import, and their versions, as JSON.

A peer is put together as its own documentation does it, with its own retriever, prompt and
class for llama.cpp. Where it has a choice, the faster one is taken: answers are written whole
instead of streamed (LangChain streams by default), nothing is printed, batches of 512 tokens
instead of LangChain's 8. `flash_attn` stays off, as llama-cpp-python has it: on processors it
reads no faster and, after a prompt of 1,500 tokens, writes a third slower.

Nearly all of a peer's time goes to the LLM: with the passages in the prompt (some 1,100 tokens), all
else that a peer does takes .04 of 7 seconds on one thread. So asking one question after the other,
where a list would embed the questions together, costs none of them a hundredth.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from operator import itemgetter
from typing import Any

WARM_UP = "What are these documents about?"  # asked before the clock starts, of everybody
_WARM_UP_TOKENS = 16
_BATCH = 512  # tokens that llama.cpp reads at once; Beleg's figure

Ask = Callable[[Sequence[str], Sequence[int]], list[str]]  # questions, and the most tokens of each answer


@dataclass(frozen=True)
class Job:
    """What a peer needs: `embedder` is a folder, `llm` a GGUF file, `tokens` go with `questions`."""

    texts: list[str]
    questions: list[str]
    tokens: list[int]
    embedder: str
    llm: str
    threads: int
    context: int
    passages: int


@dataclass(frozen=True)
class Outcome:
    """What came of a run. `written` is the tokens of each answer, `decoded` all that went through the LLM.

    `processor` is the seconds that the process's threads ran, which a busy host changes less;
    `refused` is how many of Beleg's answers were that the documents do not say.
    """

    seconds: float
    processor: float
    decoded: int
    written: list[int]
    answers: list[str]
    refused: int = 0


@dataclass(frozen=True)
class Peer:
    """`build` loads the models and indexes the texts, and returns the function that answers."""

    build: Callable[[Job], Ask]
    modules: tuple[str, ...]  # that must be importable
    packages: tuple[str, ...]  # whose versions are printed


class Counter:
    """Counts what passes through llama.cpp in this process, from when it is made: one for everybody.

    Every system ends in `llama_decode`; all peers write with `Llama.create_completion`, which
    says how many tokens it wrote.
    """

    def __init__(self) -> None:
        import llama_cpp

        self.decoded = 0
        self.written: list[int] = []
        decode, complete = llama_cpp.llama_cpp.llama_decode, llama_cpp.Llama.create_completion

        def counted_decode(context: Any, batch: Any) -> int:
            self.decoded += batch.n_tokens
            return int(decode(context, batch))

        def counted_complete(llama: Any, *args: Any, **kwargs: Any) -> Any:
            result = complete(llama, *args, **kwargs)
            self.written.append(result["usage"]["completion_tokens"])
            return result

        for module in (llama_cpp, llama_cpp.llama_cpp):
            module.llama_decode = counted_decode
        llama_cpp.Llama.create_completion = counted_complete


def measure(ask: Callable[[], list[str]], counter: Counter) -> Outcome:
    """Time one call; models must be loaded and warm."""
    counter.decoded = 0
    counter.written.clear()
    started, processor = time.perf_counter(), time.process_time()
    answers = ask()
    seconds, processor = time.perf_counter() - started, time.process_time() - processor
    return Outcome(seconds, processor, counter.decoded, list(counter.written), answers)


def run(name: str, job: Job) -> Outcome:
    """Build a peer, warm it up, and let it answer the job's questions."""
    import torch

    torch.set_num_threads(job.threads)
    counter = Counter()
    ask = PEERS[name].build(job)
    ask([WARM_UP], [_WARM_UP_TOKENS])
    outcome = measure(lambda: ask(job.questions, job.tokens), counter)
    if len(outcome.written) != len(job.questions):
        raise RuntimeError(f"{len(outcome.written)} texts were written for {len(job.questions)} questions")
    if any(wrote > most for wrote, most in zip(outcome.written, job.tokens, strict=True)):
        raise RuntimeError("an answer is longer than it may be")
    return outcome


def count_tokens(llm: str, texts: Sequence[str]) -> list[int]:
    """Return how many of the LLM's tokens each text has."""
    vocabulary = _vocabulary(llm)
    return [len(vocabulary.tokenize(text.encode(), add_bos=False)) for text in texts]


def _vocabulary(llm: str) -> Any:
    import llama_cpp

    return llama_cpp.Llama(llm, vocab_only=True, verbose=False)


# --- the peers ------------------------------------------------------------------------


def langchain(job: Job) -> Ask:
    """An LCEL chain: FAISS store, documents stuffed into the prompt, chat template of the model; `batch`.

    The LLM is bound to each answer's length by a function that returns the rest of the chain.
    llama.cpp's object is not safe for threads, so `batch` is told to use one.
    """
    from langchain_community.chat_models import ChatLlamaCpp
    from langchain_community.vectorstores import FAISS
    from langchain_core.documents import Document
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough
    from langchain_huggingface import HuggingFaceEmbeddings

    embeddings = HuggingFaceEmbeddings(model_name=job.embedder, model_kwargs={"device": "cpu"})
    retriever = FAISS.from_texts(job.texts, embeddings).as_retriever(search_kwargs={"k": job.passages})
    llm = ChatLlamaCpp(
        model_path=job.llm,
        n_ctx=job.context,
        n_batch=_BATCH,
        n_threads=job.threads,
        model_kwargs={"n_threads_batch": job.threads},
        temperature=0.0,
        repeat_penalty=1.0,
        streaming=False,
        verbose=False,
    )
    system = (
        "You are an assistant for question-answering tasks. Use the following pieces of retrieved context to answer "
        "the question. If you don't know the answer, say that you don't know. Use three sentences maximum and keep "
        "the answer concise.\n\n{context}"
    )
    prompt = ChatPromptTemplate.from_messages([("system", system), ("human", "{question}")])

    def stuffed(documents: list[Document]) -> str:
        return "\n\n".join(document.page_content for document in documents)

    def write(given: dict[str, Any]) -> Runnable[Any, str]:
        return prompt | llm.bind(max_tokens=given["tokens"]) | StrOutputParser()

    chain = RunnablePassthrough.assign(context=itemgetter("question") | retriever | stuffed) | RunnableLambda(write)

    def ask(questions: Sequence[str], tokens: Sequence[int]) -> list[str]:
        rows = [{"question": question, "tokens": most} for question, most in zip(questions, tokens, strict=True)]
        return list(chain.batch(rows, config={"max_concurrency": 1}))

    return ask


def llama_index(job: Job) -> Ask:
    """A RetrieverQueryEngine over its own vector store with the default, compact response; one by one.

    It has no batches: asking asynchronously would end in the same one LLM. Its prompt goes
    through the model's chat template. Prompts are measured with the LLM's own tokenizer.
    """
    from llama_cpp.llama_chat_format import Jinja2ChatFormatter
    from llama_index.core import VectorStoreIndex, set_global_tokenizer
    from llama_index.core.query_engine import RetrieverQueryEngine
    from llama_index.core.schema import TextNode
    from llama_index.embeddings.huggingface import HuggingFaceEmbedding
    from llama_index.llms.llama_cpp import LlamaCPP

    vocabulary = _vocabulary(job.llm)
    set_global_tokenizer(lambda text: vocabulary.tokenize(text.encode(), add_bos=False))
    form = Jinja2ChatFormatter(vocabulary.metadata["tokenizer.chat_template"], eos_token="", bos_token="")
    llm = LlamaCPP(
        model_path=job.llm,
        temperature=0.0,
        max_new_tokens=max(job.tokens),
        context_window=job.context,
        generate_kwargs={"repeat_penalty": 1.0},
        model_kwargs={"n_batch": _BATCH, "n_threads": job.threads, "n_threads_batch": job.threads},
        completion_to_prompt=lambda text: form(messages=[{"role": "user", "content": text}]).prompt,
        verbose=False,
    )
    embedder = HuggingFaceEmbedding(model_name=job.embedder, device="cpu")
    index = VectorStoreIndex([TextNode(text=text) for text in job.texts], embed_model=embedder)
    engine = RetrieverQueryEngine.from_args(index.as_retriever(similarity_top_k=job.passages), llm=llm)

    def ask(questions: Sequence[str], tokens: Sequence[int]) -> list[str]:
        answers = []
        for question, most in zip(questions, tokens, strict=True):
            llm.generate_kwargs["max_tokens"] = most
            answers.append(str(engine.query(question)))
        return answers

    return ask


def txtai(job: Job) -> Ask:
    """Its RAG pipeline with the template of its documentation, over an Embeddings database; one by one.

    The pipeline takes a list of questions too, but then with one length for all answers; what
    it saves by a list is embedding the questions together, since it writes one by one anyhow.
    """
    from txtai import RAG, Embeddings

    embeddings = Embeddings(path=job.embedder, content=True, gpu=False)
    embeddings.index(job.texts)
    template = (
        "Answer the following question using only the context below. Only include information specifically discussed."
        "\n\nquestion: {question}\ncontext: {context}"
    )
    rag = RAG(
        embeddings,
        job.llm,
        template=template,
        system="You are a friendly assistant. You answer questions from users.",
        context=job.passages,
        separator="\n\n",
        output="flatten",
        gpu=False,
        n_ctx=job.context,
        n_batch=_BATCH,
        n_threads=job.threads,
        n_threads_batch=job.threads,
    )

    def ask(questions: Sequence[str], tokens: Sequence[int]) -> list[str]:
        pairs = zip(questions, tokens, strict=True)
        return [rag(question, maxlength=most, temperature=0.0, repeat_penalty=1.0) for question, most in pairs]

    return ask


_SHARED = ("llama-cpp-python", "sentence-transformers", "transformers", "torch")
PEERS = {
    "LangChain": Peer(
        langchain,
        ("langchain_core", "langchain_community", "langchain_huggingface", "faiss", "llama_cpp"),
        ("langchain-core", "langchain-community", "langchain-huggingface", "faiss-cpu", *_SHARED),
    ),
    "LlamaIndex": Peer(
        llama_index,
        ("llama_index.core", "llama_index.embeddings.huggingface", "llama_index.llms.llama_cpp", "llama_cpp"),
        ("llama-index-core", "llama-index-embeddings-huggingface", "llama-index-llms-llama-cpp", *_SHARED),
    ),
    "txtai": Peer(txtai, ("txtai", "faiss", "llama_cpp"), ("txtai", "faiss-cpu", *_SHARED)),
}


def available() -> dict[str, dict[str, Any]]:
    """Return for each peer the modules that are missing and, if none is, its packages' versions."""
    found: dict[str, dict[str, Any]] = {}
    for name, peer in PEERS.items():
        missing = [module for module in peer.modules if not _importable(module)]
        found[name] = {"missing": missing, "versions": {} if missing else {p: version(p) for p in peer.packages}}
    return found


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package it is in
        return False


if __name__ == "__main__":
    print(json.dumps(available()))
