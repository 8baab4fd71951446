"""What languages are called, by their codes (ISO 639).

CLDR has all names in all languages, but it would be a library of 30 MB for a word here and there. So these are messages
as all others are: those of the languages that documents are mostly in. Of another, its code is told.
"""

from __future__ import annotations

from rag.localization import N_, interface_language, words

_NAMES = {
    "af": N_("Afrikaans"),
    "ar": N_("Arabic"),
    "be": N_("Belarusian"),
    "bg": N_("Bulgarian"),
    "bn": N_("Bengali"),
    "bs": N_("Bosnian"),
    "ca": N_("Catalan"),
    "cs": N_("Czech"),
    "cy": N_("Welsh"),
    "da": N_("Danish"),
    "de": N_("German"),
    "el": N_("Greek"),
    "en": N_("English"),
    "eo": N_("Esperanto"),
    "es": N_("Spanish"),
    "et": N_("Estonian"),
    "eu": N_("Basque"),
    "fa": N_("Persian"),
    "fi": N_("Finnish"),
    "fr": N_("French"),
    "fy": N_("Frisian"),
    "ga": N_("Irish"),
    "gl": N_("Galician"),
    "grc": N_("Ancient Greek"),
    "he": N_("Hebrew"),
    "hi": N_("Hindi"),
    "hr": N_("Croatian"),
    "hu": N_("Hungarian"),
    "hy": N_("Armenian"),
    "id": N_("Indonesian"),
    "is": N_("Icelandic"),
    "it": N_("Italian"),
    "ja": N_("Japanese"),
    "ka": N_("Georgian"),
    "ko": N_("Korean"),
    "ku": N_("Kurdish"),
    "la": N_("Latin"),
    "lb": N_("Luxembourgish"),
    "lt": N_("Lithuanian"),
    "lv": N_("Latvian"),
    "mk": N_("Macedonian"),
    "mt": N_("Maltese"),
    "nb": N_("Norwegian"),
    "nl": N_("Dutch"),
    "nn": N_("Norwegian"),
    "no": N_("Norwegian"),
    "pl": N_("Polish"),
    "pt": N_("Portuguese"),
    "ro": N_("Romanian"),
    "ru": N_("Russian"),
    "sk": N_("Slovak"),
    "sl": N_("Slovenian"),
    "sq": N_("Albanian"),
    "sr": N_("Serbian"),
    "sv": N_("Swedish"),
    "th": N_("Thai"),
    "tr": N_("Turkish"),
    "uk": N_("Ukrainian"),
    "ur": N_("Urdu"),
    "vi": N_("Vietnamese"),
    "yue": N_("Cantonese"),
    "zh": N_("Chinese"),
}


def language_name(code: str, told_in: str = "") -> str:
    """Return what a language is called, in the words of another, or in the interface's."""
    name = _NAMES.get(code)
    return words(told_in or interface_language()).gettext(name) if name else code
