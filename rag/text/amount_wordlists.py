"""Words for amounts and times that have no figure, by language: data for `amounts_in_words`. All lower case.

German and English ones are those that `numbers` gives no value; of other languages the number words, months and
weekdays stand here as well.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AMOUNTS: dict[str, frozenset[str]] = {
    "de": _words(
        "kein keine keinen keinem keiner keines keinerlei niemand niemanden niemandem beide beiden beides paar einzige "
        "einziger einziges einzigen mehrere mehreren etliche dutzende dutzenden hunderte hunderten hunderter tausende "
        "tausenden tausender abertausende kostenlos kostenfrei gratis gebührenfrei unentgeltlich"
    ),
    "en": _words(
        "no none nobody neither both several couple handful dozens hundreds thousands tens fortnight fortnights gratis"
    ),
    "es": _words(
        "ningún ninguno ninguna nadie ambos ambas varios varias dos tres cuatro cinco seis siete ocho nueve diez once "
        "doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés "
        "veinticuatro veinticinco treinta cuarenta cincuenta sesenta setenta ochenta noventa cien ciento doscientos "
        "doscientas trescientos trescientas cuatrocientos quinientos seiscientos setecientos ochocientos novecientos "
        "mil millón millones docena docenas centenar centenares miles mitad tercio tercios cuarto medio media gratis "
        "gratuito gratuita"
    ),
    "fr": _words(
        "aucun aucune personne plusieurs deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
        "quinze seize vingt trente quarante cinquante soixante cent cents mille million millions milliard milliards "
        "dizaine dizaines douzaine douzaines vingtaine trentaine quarantaine cinquantaine centaine centaines millier "
        "milliers moitié tiers quart demi demie gratuit gratuite gratuits gratuites gratuitement"
    ),
    "it": _words(
        "nessun nessuno nessuna entrambi entrambe diversi diverse due tre quattro cinque sei sette otto nove dieci "
        "undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti trenta quaranta "
        "cinquanta sessanta settanta ottanta novanta cento duecento trecento quattrocento cinquecento mille mila "
        "duemila tremila milione milioni miliardo miliardi decina decine dozzina dozzine centinaio centinaia migliaio "
        "migliaia metà mezzo mezza gratis gratuito gratuita"
    ),
    "nl": _words(
        "geen niemand beide twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
        "zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd "
        "honderden tweehonderd driehonderd duizend duizenden miljoen miljoenen miljard dozijn tientallen tiental "
        "helft kwart half halve anderhalf anderhalve paar enkele gratis kosteloos"
    ),
    "pl": _words(
        "żaden żadna żadne żadnych nikt nikogo oba obie obaj dwa dwie dwóch dwaj trzy trzech trzej cztery czterech "
        "pięć pięciu sześć sześciu siedem siedmiu osiem ośmiu dziewięć dziewięciu dziesięć dziesięciu jedenaście "
        "dwanaście dwunastu trzynaście czternaście piętnaście piętnastu szesnaście siedemnaście osiemnaście "
        "dziewiętnaście "
        "dwadzieścia dwudziestu trzydzieści trzydziestu czterdzieści czterdziestu pięćdziesiąt pięćdziesięciu "
        "sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt sto stu dwieście trzysta czterysta pięćset "
        "tysiąc tysiące tysięcy milion miliony milionów miliard kilka kilku kilkanaście kilkadziesiąt tuzin połowa "
        "połowę pół półtora bezpłatny bezpłatna bezpłatne bezpłatnie"
    ),
    "pt": _words(
        "nenhum nenhuma ninguém ambos ambas vários várias dois duas três quatro cinco seis sete oito nove dez onze "
        "doze treze catorze quatorze quinze dezasseis dezesseis dezassete dezessete dezoito dezanove dezenove vinte "
        "trinta quarenta cinquenta sessenta setenta oitenta noventa cem cento duzentos duzentas trezentos quatrocentos "
        "quinhentos mil milhão milhões dúzia dúzias dezena dezenas centena centenas milhares metade terço terços "
        "quarto meio meia grátis gratuito gratuita"
    ),
}  # fmt: skip
AMOUNTS_AS_NOUNS = _words("hunderte tausende dutzende")
TIMES: dict[str, frozenset[str]] = {
    "de": _words(
        "montags dienstags mittwochs donnerstags freitags samstags sonnabends sonntags werktags wochentags feiertags "
        "täglich wöchentlich monatlich jährlich gestern vorgestern heute übermorgen mittags abends nachts morgens "
        "nachmittags vormittags frühmorgens mitternachts ostern pfingsten weihnachten silvester neujahr heiligabend "
        "sonnenaufgang sonnenuntergang ganzjährig"
    ),
    "en": _words(
        "mondays tuesdays wednesdays thursdays fridays saturdays sundays weekdays weekends daily weekly monthly "
        "nightly yearly annually yesterday today tomorrow tonight easter christmas pentecost whitsun sunrise sunset "
        "dusk dawn midsummer midwinter"
    ),
    "es": _words(
        "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre lunes "
        "martes miércoles jueves viernes sábado sábados domingo domingos mediodía medianoche ayer hoy mañana primavera "
        "verano otoño invierno pascua navidad diariamente"
    ),
    "fr": _words(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi "
        "jeudi vendredi samedi dimanche lundis samedis dimanches midi minuit hier aujourd'hui demain printemps été "
        "automne hiver pâques noël quotidiennement"
    ),
    "it": _words(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre lunedì martedì "
        "mercoledì giovedì venerdì sabato domenica mezzogiorno mezzanotte ieri oggi domani primavera estate autunno "
        "inverno pasqua natale quotidianamente"
    ),
    "nl": _words(
        "januari februari maart april mei juni juli augustus september oktober november december maandag dinsdag "
        "woensdag donderdag vrijdag zaterdag zondag maandags zaterdags zondags dagelijks wekelijks gisteren vandaag "
        "morgen middernacht lente voorjaar zomer herfst najaar winter pasen pinksteren kerstmis"
    ),
    "pl": _words(
        "styczeń stycznia styczniu luty lutego lutym marzec marca marcu kwiecień kwietnia kwietniu maj maja maju "
        "czerwiec czerwca czerwcu lipiec lipca lipcu sierpień sierpnia sierpniu wrzesień września wrześniu październik "
        "października październiku listopad listopada listopadzie grudzień grudnia grudniu poniedziałek wtorek środa "
        "środę czwartek piątek sobota sobotę niedziela niedzielę południe południu północ północy wczoraj dziś dzisiaj "
        "jutro wiosną wiosna latem lato jesienią jesień zimą zima wielkanoc codziennie"
    ),
    "pt": _words(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro segunda-feira "
        "terça-feira quarta-feira quinta-feira sexta-feira sábado sábados domingo domingos meio-dia meia-noite ontem "
        "hoje amanhã primavera verão outono inverno páscoa natal diariamente"
    ),
}  # fmt: skip
# Beside "17h30" and "9.30", which all of them write.
CLOCKS = {
    "es": r"\ba las? \d{1,2}\b|\b\d{1,2} horas\b",
    "fr": r"\b\d{1,2} heures?\b",
    "it": r"\b(?:alle|dalle|ore) \d{1,2}\b",
    "nl": r"\b\d{1,2} uur\b",
    "pl": r"\bgodz(?:\.|inie|iny)? ?\d{1,2}\b|\bo \d{1,2}\b",
    "pt": r"\b(?:às|das) \d{1,2}\b|\b\d{1,2} horas\b",
}
LANGUAGES = frozenset(AMOUNTS)
