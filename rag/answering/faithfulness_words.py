"""Word lists for faithfulness: words that turn, bound, hedge or condition what a sentence says, in six languages.

They only name kinds: what a kind that stands in a statement and not in its quote is worth, or the other way round,
is fitted (`faithfulness_weights.toml`).
"""

from __future__ import annotations

_LISTED = {
    "negation": (
        "not no never nobody none nothing neither nor cannot without hardly barely non "
        "nicht kein keine keinen keinem keiner keines nie niemals niemand niemandem niemanden nichts weder ohne kaum "
        "pas jamais aucun aucune rien sans ni jamás nadie nada ninguno ninguna ningún sin tampoco "
        "mai nessuno nessuna nessun niente nulla senza né niet geen nooit niemand niets zonder"
    ),
    "only": (
        "only solely exclusively alone merely just nur allein ausschließlich lediglich bloß "
        "seulement uniquement solo solamente únicamente soltanto alleen slechts"
    ),
    "all": (
        "all every everyone everybody everything always entire entirely whole completely fully both each any anyone "
        "alle allen aller alles jede jeder jedes jeden jedem immer stets ganz ganze ganzen gesamte gesamten völlig "
        "vollständig sämtliche beide beiden jederzeit tous toutes tout toute chaque toujours todos todas todo siempre "
        "cada tutti tutte tutto sempre ogni altijd elke ieder"
    ),
    "some": (
        "some several few part partly many most mostly usually often largely majority sometimes half up "
        "einige einigen mehrere manche manchen teil teils teilweise viele vielen meisten meist meistens oft manchmal "
        "hälfte zeitweise vereinzelt certains quelques plupart algunos algunas varios mayoría alcuni alcune sommige"
    ),
    "maybe": (
        "may might could possibly perhaps probably likely apparently allegedly reportedly suspected suspect seek "
        "hopes hope consider considering would should expected expects estimated believes believe appears appear "
        "unclear uncertain könnte könnten dürfte dürften möglicherweise vielleicht wahrscheinlich vermutlich offenbar "
        "mutmaßlich angeblich soll sollen solle sollte sollten wolle würde würden sei seien habe hätte hätten hofft "
        "hoffen erwägt prüft voraussichtlich schätzungsweise unklar wäre peut pourrait peut-être puede podría quizás "
        "può potrebbe forse kan misschien"
    ),
    "sure": (
        "definitely certainly exactly clearly surely proven proved confirmed guaranteed automatically immediately must "
        "definitiv sicher gewiss genau eindeutig bewiesen erwiesen bestätigt bestätigte garantiert automatisch sofort "
        "muss müssen musste unbedingt doit deve debe moet"
    ),
    "can": "can able allowed permitted kann können darf dürfen erlaubt gestattet zulässig peut puede può mag",
    "plan": (
        "will plan plans planned intend intends scheduled due propose proposed want wants going "
        "wird werden will wollen plant planen geplant beabsichtigt vorgesehen vorgeschlagen möchte"
    ),
    "if": (
        "if unless provided providing subject condition otherwise when whenever once wenn falls sofern soweit solange "
        "vorausgesetzt sobald bei sonst andernfalls si sauf lorsque cuando salvo se quando als indien tenzij mits"
    ),
    "except": (
        "except excluding excluded exception apart besides unless außer ausgenommen ausnahme abgesehen ausgeschlossen "
        "exklusive nichtmitglieder sauf excepté excepto salvo eccetto tranne behalve"
    ),
    "cause": (
        "because since due therefore owing caused cause causes reason thanks consequently result "
        "weil wegen da daher deshalb denn aufgrund infolge grund grunde ursache dank nachdem darum "
        "parce cause raison porque debido perché causa omdat wegens"
    ),
    "at least": "least minimum earliest mindestens wenigstens frühestens moins menos almeno minstens ab from",
    "at most": (
        "most maximum latest limit maximal höchstens spätestens bis until to within innerhalb binnen up till "
        "jusqu jusque maximum hasta máximo fino massimo tot hoogstens"
    ),
    "more": (
        "more over above exceed exceeds exceeded exceeding larger greater higher bigger longer older better "
        "mehr über übersteigt größer höher länger älter besser oberhalb plus más più meer"
    ),
    "less": (
        "less fewer under below smaller lower shorter younger worse cheaper weniger unter kleiner niedriger geringer "
        "kürzer jünger schlechter billiger günstiger unterhalb moins menos meno minder"
    ),
    "before": "before earlier prior previously ago vor bevor vorher zuvor früher ehe avant antes prima voor",
    "after": "after later following since afterwards nach nachdem danach später seit après después dopo na",
    "up": (
        "rise rises rose risen rising increase increased increases grow grew grown growth climb climbed gained gain up "
        "raise raised steigen steigt stieg stiegen gestiegen erhöht erhöhen erhöhte zunahm wuchs wachsen zugenommen "
        "anstieg plus zulegte angehoben verdoppelt doubled"
    ),
    "down": (
        "fall falls fell fallen decline declined drop dropped drops sink sank sunk decrease decreased reduced reduce "
        "lost cut shrink shrank down sinken sinkt sank sanken gesunken fiel fielen gefallen rückgang zurückging minus "
        "senken senkt gesenkt verringert schrumpfte halved halbiert nachgab abgenommen"
    ),
    "about": (
        "about around roughly nearly almost approximately some approx rund etwa ca circa ungefähr fast knapp gut "
        "environ aproximadamente circa ongeveer"
    ),
    "first": "first best largest biggest highest most erste ersten erster erstmals größte größten höchste beste",
    "last": "last least smallest lowest worst letzte letzten letzter zuletzt kleinste niedrigste schlechteste",
    "open": "open opened opens offen geöffnet öffnet allowed erlaubt gestattet included enthalten inbegriffen free",
    "closed": "closed close closes geschlossen geschl zu gesperrt forbidden verboten prohibited untersagt excluded",
    "says": (
        "said says say told according claimed claims reported announced stated laut sagte sagt zufolge erklärte "
        "mitteilte angaben berichtet berichtete teilte betonte selon según secondo volgens estimates einschätzung"
    ),
    "own": "he she his her him er ihn ihm sein seine ihr ihre they them their",
}
KINDS = {kind: frozenset(words.split()) for kind, words in _LISTED.items()}
# Kinds that turn a statement round where one takes the other's place.
COUNTER = (
    ("at least", "at most"),
    ("more", "less"),
    ("more", "at most"),
    ("less", "at least"),
    ("before", "after"),
    ("up", "down"),
    ("all", "some"),
    ("all", "only"),
    ("sure", "maybe"),
    ("sure", "can"),
    ("first", "last"),
    ("open", "closed"),
    ("all", "negation"),
    ("all", "except"),
)
# English words, by which words of other languages are found too, that deny what depends on them.
DENYING = frozenset(
    "refuse reject deny fail lack avoid prevent exclude ban forbid prohibit dispute cancel decline oppose dismiss "
    "abandon unable impossible unlikely disagree object against stop miss absent empty rule false wrong contrary "
    "withdraw waive abolish scrap discourage instead rather".split()
)
# Words that carry so little of what is said that it does not tell anything where a quote has others for them.
LIGHT = frozenset(
    "become becomes became get gets got make makes made take takes took taken give gives gave given go goes went gone "
    "come comes came keep keeps kept stay stays stayed remain remains remained hold holds held put set let lie lies "
    "need needs needed want happen happens happened place thing way now again still yet already too very well even "
    "during while per each other another new own used use using later people person man woman time th nd rd mr mrs ms "
    "kommen kommt kam kamen gehen geht ging gingen nehmen nimmt nahm geben macht machen machte gemacht bleiben bleibt "
    "blieb blieben stehen steht stand liegen liegt lag lassen lässt ließ finden findet fand statt stellen stellt "
    "stellte bekommen bekommt bekam brauchen braucht jedoch damit dabei dafür dazu darauf daran darum bereits derzeit "
    "mal weiter weitere anderen andere anderer neue neuen neuer eigene eigenen frau herr herrn geschah geschehen "
    "erfolgt erfolgte nein ja yes gelten gilt galt zwischen während sowie beim statt sondern ihnen ihrem ihrer seinen "
    "seiner seinem deren dessen denen welche jener person mensch menschen leute".split()
)
BE = frozenset("is are was were be been being wird werden wurde wurden worden".split())
BY = frozenset("by von durch vom".split())
PREPOSITIONS = BY | frozenset(
    "from aus of into an nach zu zum zur ins to for für with mit without ohne against gegen before vor after in im on "
    "auf am at bei beim über over unter under between zwischen than als de à par pour del al di van voor".split()
)
