"""Number words, months, weekdays and units of German and English: data for `numbers`. All lower case."""

from __future__ import annotations

from fractions import Fraction


def _numbered(first: int, words: str) -> dict[str, int]:
    """Number the words of a list; those that mean the same are joined by "/"."""
    return {word: at for at, same in enumerate(words.split(), first) for word in same.split("/")}


# --- number words; German ones with "ss" for "ß" -------------------------------------------------

GERMAN_SMALL = _numbered(
    0,
    "null eins zwei/zwo drei vier fünf/fuenf sechs sieben acht neun zehn elf zwölf/zwoelf dreizehn vierzehn "
    "fünfzehn/fuenfzehn sechzehn siebzehn achtzehn neunzehn",
)
GERMAN_TENS = {
    word: 10 * tens
    for word, tens in _numbered(
        2, "zwanzig dreissig vierzig fünfzig/fuenfzig sechzig siebzig achtzig neunzig"
    ).items()
}  # fmt: skip
# What is left of an ordinal without its ending: "dritt-e". From twenty on it is the number and "st".
GERMAN_ORDINALS = _numbered(
    1,
    "erst zweit dritt viert fünft/fuenft sechst siebt/siebent acht neunt zehnt elft zwölft/zwoelft dreizehnt vierzehnt "
    "fünfzehnt/fuenfzehnt sechzehnt siebzehnt achtzehnt neunzehnt",
)
ENGLISH_SMALL = _numbered(
    0,
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen",
)
ENGLISH_TENS = {
    word: 10 * tens for word, tens in _numbered(2, "twenty thirty forty fifty sixty seventy eighty ninety").items()
}
ENGLISH_ORDINALS = _numbered(
    1,
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth",
) | {
    word: 10 * tens
    for word, tens in _numbered(
        2, "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
    ).items()
}  # fmt: skip
SCALED_ORDINALS = {"hundredth": 100, "thousandth": 1000, "millionth": 10**6}
ONE = frozenset("one ein eine einen einem einer".split())  # a number only before what is counted or measured
ARTICLES = ONE | {"a", "an"}
HUNDRED = frozenset({"hundred", "hundert"})
DOZEN = frozenset({"dozen", "dutzend"})
POINT = frozenset({"point", "komma"})
SCALES = {
    "thousand": 10**3, "tausend": 10**3, "million": 10**6, "millionen": 10**6, "millions": 10**6,
    "milliarde": 10**9, "milliarden": 10**9, "billion": 10**9, "billions": 10**9, "billionen": 10**12,
    "trillion": 10**12, "trillions": 10**12, "trillionen": 10**18,
}  # fmt: skip
GERMAN_SCALES = {"billion": 10**12, "trillion": 10**18}  # where they have a capital, as German nouns do
SHORT_SCALES = {"tsd": 10**3, "mio": 10**6, "mrd": 10**9, "bio": 10**12, "mn": 10**6, "bn": 10**9, "tn": 10**12}
MONEY_SCALES = {"k": 10**3, "m": 10**6, "b": 10**9}  # right after a figure with a currency sign: "$5m"
ENGLISH_PARTS = {"half": 2, "third": 3, "quarter": 4} | {
    word: part for word, part in ENGLISH_ORDINALS.items() if 4 <= part <= 10
}
GERMAN_PARTS = {"drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "siebtel": 7, "achtel": 8, "neuntel": 9} | {
    "zehntel": 10,
    "hundertstel": 100,
    "tausendstel": 1000,
}
GERMAN_PARTS |= {f"{part}n": worth for part, worth in GERMAN_PARTS.items()}
HALF = frozenset("half hälfte halbe halber halbes halben halbem".split())
TIMES = {"einmal": 1, "once": 1, "twice": 2, "thrice": 3}
# Words whose number follows them: "Room 12 300 people" are two numbers.
LABELS = frozenset(
    "room raum zimmer saal halle page pages seite seiten no nr nummer number chapter kapitel figure fig abbildung "
    "abb table tabelle bus line linie platform gleis track seat row reihe article artikel section abschnitt "
    "paragraph level stufe stage etappe class klasse group gruppe volume vol band issue heft floor stock gate".split()
)
# Before these, "achte" and "dritter" can only be ordinals; after them "3." is one.
BEFORE_ORDINALS = frozenset(
    "der die das dem den des am im zum zur beim vom ins ein eine einen einem einer eines jeder jede jedes jeden "
    "jedem ihr ihre ihren ihrem ihrer sein seine seinen seinem seiner dieser diese dieses diesem diesen".split()
)

# --- the calendar and the clock ------------------------------------------------------------------

MONTH_NAMES = _numbered(
    1,
    "januar/jänner/january februar/february märz/march april mai/may juni/june juli/july august september "
    "oktober/october november dezember/december",
)
MONTH_SHORT = _numbered(1, "jan feb mär/mar apr mai/may jun jul aug sep/sept okt/oct nov dez/dec")
MONTHS = frozenset(MONTH_NAMES | MONTH_SHORT)
OTHER_MEANINGS = frozenset({"may", "march", "august"})  # months only where something beside them says so
GERMAN_MONTHS = frozenset("januar jänner februar märz mai juni juli oktober dezember mär okt dez".split())
BEFORE_MONTHS = frozenset(
    "in im of since seit until till bis by during last next this early late mid from to between and before after every "
    "each ab anfang mitte ende letzten nächsten vergangenen kommenden diesen jeden den vom zum und month monat".split()
)
# Seasons as ISO 8601-2 counts them on from the months; times only where something beside them says so ("winter aid").
SEASONS = _numbered(21, "frühling/frühjahr/spring sommer/summer herbst/autumn winter")
WEEKDAY_NUMBERS = _numbered(
    1,
    "montag/monday dienstag/tuesday mittwoch/wednesday donnerstag/thursday freitag/friday samstag/sonnabend/saturday "
    "sonntag/sunday",
)
WEEKDAY_SHORT = _numbered(
    1, "mo/mon di/tu/tue/tues mi/we/wed do/th/thu/thur/thurs fr/fri sa/sat so/su/sun"
)  # in labels only
WEEKDAYS = frozenset(WEEKDAY_NUMBERS)
BEFORE_DATES = frozenset("am vom zum bis ab seit dem den der".split()) | WEEKDAYS
YEAR_WORDS = frozenset("jahr jahre jahres year anno".split())
YEAR = r"1\d{3}|20\d{2}"  # a number that looks like a year
QUARTERS = frozenset("quartal quartals quarter".split())
MIDNIGHT_AND_NOON = {"midnight": "00:00", "mitternacht": "00:00", "noon": "12:00"}
BEFORE_CLOCK = frozenset("at um gegen from to until till by before after around about since".split())
LATE = frozenset("abends nachmittags evening afternoon abend nachmittag".split())
EARLY = frozenset("morgens vormittags frühmorgens früh morning morgen vormittag".split())

# --- units: what is measured, the unit as Beleg writes it, and how else it is written ------------

_MEASURED: dict[str, dict[str, str]] = {
    "time": {
        "century": "jahrhundert jahrhunderte jahrhunderten jahrhunderts century centuries",
        "year": "jahr jahre jahren year years",
        "month": "monat monate monaten month months",
        "week": "woche wochen week weeks",
        "day": "tag tage tagen day days",
        "hour": "stunde stunden hour hours h",
        "minute": "minute minuten minutes min",
        "second": "sekunde sekunden second seconds",
    },
    "clock": {"clock": "uhr clock"},
    "length": {
        "m": "m meter metern meters metre metres",
        "km": "km kilometer kilometern kilometers kilometre kilometres",
        "cm": "cm zentimeter zentimetern centimetre centimetres centimeters",
        "mm": "mm millimeter millimetern millimetre millimetres millimeters",
        "mile": "mile miles mi meile meilen",
        "foot": "foot feet fuß",
        "inch": "inch inches zoll",
    },
    "area": {
        "m²": "m² qm quadratmeter quadratmetern",
        "km²": "km² quadratkilometer quadratkilometern",
        "mile²": "quadratmeile quadratmeilen",
        "ha": "ha hektar hectare hectares",
        "acre": "acre acres",
    },
    "speed": {"km/h": "stundenkilometer stundenkilometern kph", "mph": "mph", "knot": "knoten knot knots"},
    "weight": {
        "kg": "kg kilo kilos kilogramm kilogram kilograms",
        "g": "g gramm gram grams",
        "t": "t tonne tonnen tonnes ton tons",
    },
    "volume": {
        "l": "l liter litern litre litres liters",
        "ml": "ml milliliter millilitern millilitre millilitres milliliters",
        "cl": "cl zentiliter",
        "hl": "hl hektoliter hektolitern hectolitres",
        "m³": "m³ kubikmeter kubikmetern",
    },
    "money": {
        "EUR": "€ euro euros eur",
        "USD": "$ dollar dollars usd",
        "GBP": "£ pfund pound pounds gbp",
        "CHF": "franken chf",
        "JPY": "¥ yen jpy",
        "RUB": "rubel rubles roubles",
        "cent": "cent cents",
        "penny": "penny pence",
    },
    "share": {"%": "% prozent percent", "pp": "prozentpunkt prozentpunkte prozentpunkten"},
    "heat": {"°C": "celsius", "°F": "fahrenheit", "°": "° grad degree degrees"},
    "energy": {
        "kWh": "kwh kilowattstunde kilowattstunden",
        "MWh": "mwh megawattstunde megawattstunden",
        "GWh": "gwh gigawattstunde gigawattstunden",
        "TWh": "twh terawattstunde terawattstunden",
    },
    "power": {
        "W": "watt watts",
        "kW": "kw kilowatt kilowatts",
        "MW": "mw megawatt megawatts",
        "GW": "gw gigawatt gigawatts",
    },
    "count": {"times": "mal times", "people": "people"},
}
# Units by the words for them; and what they measure: figures in different measures do not contradict each other.
UNITS = {word: unit for units in _MEASURED.values() for unit, words in units.items() for word in words.split()}
MEASURES = {unit: measure for measure, units in _MEASURED.items() for unit in units}
# Words for units of time: "how many troops" is not answered by "three weeks".
DURATIONS = frozenset(word for word, unit in UNITS.items() if MEASURES[unit] in ("time", "clock") and len(word) > 1)
TWO_WORD_UNITS = {
    "per cent": "%", "percentage points": "pp", "percentage point": "pp", "grad celsius": "°C", "degrees celsius": "°C",
    "grad fahrenheit": "°F", "degrees fahrenheit": "°F", "square metres": "m²", "square meters": "m²",
    "cubic metres": "m³", "cubic meters": "m³",
    "square kilometres": "km²", "square kilometers": "km²", "square mile": "mile²", "square miles": "mile²",
    "metric tons": "t", "metric tonnes": "t", "us dollar": "USD", "us dollars": "USD", "km h": "km/h",
    "kilowatt hours": "kWh", "megawatt hours": "MWh", "gigawatt hours": "GWh",
}  # fmt: skip
RAISED_UNITS = {"km2": "km²", "m2": "m²", "m3": "m³"}
# Words that say a unit without naming it: "at the age of 39".
SAYING_UNITS = {"age": "year", "aged": "year", "old": "year", "alter": "year", "alt": "year"}
LETTER_UNITS = frozenset("m g t l h".split())  # units only in lower case, and after digits
CURRENCY_CODES = frozenset({"EUR", "USD", "GBP", "CHF", "JPY"})
CURRENCY_SIGNS = "€$£¥"

# What a number, date or time that does not begin with a figure begins with, German number words apart.
FIRST_WORDS = frozenset("halb viertel quarter dreiviertel thousand tausend minus q".split()).union(
    *(ENGLISH_SMALL, ENGLISH_TENS, ENGLISH_ORDINALS, SCALED_ORDINALS, ARTICLES, HUNDRED, DOZEN, HALF, TIMES),
    *(MONTHS, SEASONS, WEEKDAYS, YEAR_WORDS, MIDNIGHT_AND_NOON, {code.lower() for code in CURRENCY_CODES}),
)

# What a unit is worth in the first one of its measure that is named here; others are worth themselves.
IN_BASE = {
    unit: Fraction(worth)
    for units in (
        "second:1 minute:60 hour:3600 day:86400 week:604800 month:2629746 year:31556952 century:3155695200",
        "m:1 km:1000 cm:1/100 mm:1/1000 mile:1609.344 foot:.3048 inch:.0254",
        "m²:1 km²:1000000 mile²:2589988.11 ha:10000 acre:4046.856",
        "km/h:1 mph:1.609344 knot:1.852",
        "kg:1 g:1/1000 t:1000",
        "l:1 ml:1/1000 cl:1/100 hl:100 m³:1000",
        "kWh:1 MWh:1000 GWh:1000000 TWh:1000000000",
        "W:1 kW:1000 MW:1000000 GW:1000000000",
    )
    for unit, worth in (pair.split(":") for pair in units.split())
}
CENTS = {"cent": "", "penny": "GBP"}  # of what they are hundredths; cents of any money that has some


def _by_phrase(kinds: dict[str, str]) -> dict[str, str]:
    return {phrase: kind for kind, phrases in kinds.items() for phrase in phrases.split("|")}


# What is said right before and after a figure, by what it leaves open.
HEDGES_BEFORE = _by_phrase(
    {
        "least": "at least|more than|over|above|no fewer than|not fewer than|no less than|not less than|upwards of|"
        "a minimum of|in excess of|well over|min.|mindestens|mehr als|über|wenigstens|nicht weniger als|weit über|"
        "deutlich über|deutlich mehr als|ab|>",
        "most": "at most|up to|no more than|not more than|fewer than|less than|under|below|as many as|as much as|"
        "a maximum of|max.|höchstens|bis zu|maximal|weniger als|nicht mehr als|unter|<",
        "about": "about|around|roughly|some|approximately|approx.|an estimated|estimated|circa|ca.|c.|rund|etwa|"
        "ungefähr|zirka|schätzungsweise|geschätzt|an die|gegen|~|≈",
        "below": "nearly|almost|just under|close to|not quite|knapp|fast|beinahe|nahezu|annähernd",
        "above": "just over|a little over|a good|slightly more than|gut|etwas mehr als|etwas über",
    }
)
HEDGES_AFTER = _by_phrase(
    {
        "least": "or more|and more|or over|at least|oder mehr|und mehr|mindestens|aufwärts",
        "most": "or less|or fewer|at most|oder weniger|höchstens|maximal",
        "about": "or so|approximately|roughly|ungefähr|circa|ca.",
    }
)
