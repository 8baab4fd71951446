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
        "contents": "Es sind {count} Dokumente:",
        "contents one": "Es ist ein Dokument:",
        "more": "Und {count} weitere.",
    },
}


def says(name: str, language: str, **values: object) -> str:
    """Return what is said of this name, in the question's language; English if it is another."""
    shown = {key: nested(value, language) if isinstance(value, str) else value for key, value in values.items()}
    return _SAID.get(language, _SAID["en"])[name].format_map(shown)
