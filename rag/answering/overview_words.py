"""What Beleg says itself where a question is about the library as a whole, in German and English."""

from __future__ import annotations

from rag.text.nested_quotes import nested

_SAID: dict[str, dict[str, str]] = {
    "en": {
        "greeting": "Hello. Ask something about your documents, or what is in them.",
        "thanks": "You are welcome.",
        "farewell": "Goodbye.",
        "program": "Beleg answers questions about your documents, offline, and shows the exact words that say so. It"
        " also tells which documents mention something, or what is in them.",
        "beyond": "That is beyond Beleg: it only tells what stands in your documents.",
        "mention": "{count} of {of} documents mention “{thing}”:",
        "mention one": "1 of {of} documents mentions “{thing}”:",
        "mention none": "None of the {of} documents mentions “{thing}”.",
        "near": "Without the word, these come near it:",
        "list": "“{thing}” is mentioned in {count} of {of} documents, in these sentences:",
        "list none": "None of the {of} documents mentions “{thing}”. Beleg finds words, it lists no kinds of things.",
        "no document": "I find no document “{thing}”.",
        "begins": "Beleg writes no summaries. So “{title}” begins:",
        "begins so": "“{title}” begins:",
        "cannot": "That Beleg cannot do: it finds what stands in your documents, and shows it.",
        "language": "{count} of {of} documents are in {called}:",
        "language one": "1 of {of} documents is in {called}:",
        "language none": "None of the {of} documents is in {called}.",
        "newest": "The newest of the documents that have a date is “{title}”, of {date}. It begins:",
        "oldest": "The oldest of the documents that have a date is “{title}”, of {date}. It begins:",
        "no dates": "None of the documents has a date.",
        "contents": "There are {count} documents:",
        "contents one": "There is one document:",
        "more": "And {count} more.",
    },
    "de": {
        "greeting": "Hallo. Frag etwas zu deinen Dokumenten, oder was darin steht.",
        "thanks": "Gern geschehen.",
        "farewell": "Auf Wiedersehen.",
        "program": "Beleg beantwortet Fragen zu deinen Dokumenten, offline, und zeigt dazu den genauen Wortlaut. Es"
        " sagt auch, welche Dokumente etwas erwähnen, oder was darin steht.",
        "beyond": "Das kann Beleg nicht: Es sagt nur, was in deinen Dokumenten steht.",
        "mention": "{count} von {of} Dokumenten erwähnen „{thing}“:",
        "mention one": "1 von {of} Dokumenten erwähnt „{thing}“:",
        "mention none": "Keines der {of} Dokumente erwähnt „{thing}“.",
        "near": "Ohne das Wort kommen dem diese nahe:",
        "list": "„{thing}“ steht in {count} von {of} Dokumenten, in diesen Sätzen:",
        "list none": "Keines der {of} Dokumente erwähnt „{thing}“. Beleg findet Wörter; Dinge einer Art kann es nicht"
        " auflisten.",
        "no document": "Ich finde kein Dokument „{thing}“.",
        "begins": "Beleg schreibt keine Zusammenfassungen. So beginnt „{title}“:",
        "begins so": "So beginnt „{title}“:",
        "cannot": "Das kann Beleg nicht: Es findet, was in deinen Dokumenten steht, und zeigt es.",
        "language": "{count} von {of} Dokumenten sind auf {called}:",
        "language one": "1 von {of} Dokumenten ist auf {called}:",
        "language none": "Keines der {of} Dokumente ist auf {called}.",
        "newest": "Das neueste der Dokumente mit Datum ist „{title}“, vom {date}. So beginnt es:",
        "oldest": "Das älteste der Dokumente mit Datum ist „{title}“, vom {date}. So beginnt es:",
        "no dates": "Keines der Dokumente hat ein Datum.",
        "contents": "Es sind {count} Dokumente:",
        "contents one": "Es ist ein Dokument:",
        "more": "Und {count} weitere.",
    },
}


def says(name: str, language: str, **values: object) -> str:
    """Return what is said of this name, in the question's language; English if it is another."""
    shown = {key: nested(value, language) if isinstance(value, str) else value for key, value in values.items()}
    return _SAID.get(language, _SAID["en"])[name].format_map(shown)
