"""PDF files, by pdfium: their text layer, and where each page begins."""

from __future__ import annotations

import re

from rag.documents.readers.extraction import Extract, Unreadable, clean, within

# pdfium writes U+FFFE for a hyphen at a line's end and leaves the line break out.
_LINE_HYPHEN = re.compile(r"(?:[-\x02\u00ad]\n|[\x02\ufffe]\n?)(?=[^\W\d_])")


def read_pdf(raw: bytes) -> Extract:
    """PDF: the text layer, page by page; words hyphenated at a line's end are joined."""
    import pypdfium2

    if b"%PDF" not in raw[:1024]:
        raise Unreadable("it is not a PDF, whatever its name says")
    try:
        pdf = pypdfium2.PdfDocument(raw)
        texts = list(within(_unwrap(page.get_textpage().get_text_range()) for page in pdf))
        title = str(pdf.get_metadata_dict().get("Title", ""))
        pdf.close()
    except pypdfium2.PdfiumError as error:
        reason = "it needs a password" if "assword" in str(error) else f"the PDF is damaged ({error})"
        raise Unreadable(reason) from error
    pages, joined = [], ""
    for text in texts:
        pages.append(len(joined))
        ended = text.rstrip()[-1:] in {"", ".", "!", "?", "“", "”", '"', ":"}
        joined += text.rstrip() + ("\n\n" if ended else "\n")
    whole = joined.rstrip() + "\n"
    return Extract(
        whole,
        title,
        pages=tuple(min(start, len(whole)) for start in pages) or (0,),  # empty last ones would begin beyond it
        why_empty="there is no text layer in it: it is a scan. Run OCR on it (ocrmypdf)",
    )


def _unwrap(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # "Militär-\npartnerschaft" is one word; "Nord-\nSüd" keeps its hyphen.
    joined = _LINE_HYPHEN.sub(lambda match: "" if text[match.end()].islower() else "-", text)
    return clean(re.sub(r"[\x02\ufffe\u00ad]", "-", joined))
