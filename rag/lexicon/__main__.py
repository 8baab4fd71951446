"""Build a lexicon, or look a word up: `python -m rag.lexicon build --help`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from rag.errors import BelegError, UsageError


@click.group()
def cli() -> None:
    """Word translations from another language into English."""


@cli.command()
@click.option("--language", default="de", show_default=True, help="The language of the text, as ISO 639-1.")
@click.option(
    "--pairs", multiple=True, required=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Sentence pairs, tab-separated, English last; .gz too. May be repeated.",
)  # fmt: skip
@click.option("--dictionary", type=click.Path(path_type=Path), metavar="FILE", help="A dictionary in Ding's format.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER")
@click.option("--about-pairs", default="parallel text", help="Where the pairs are from; stands in the file.")
@click.option(
    "--about-dictionary", default="a dictionary", help="The dictionary's author and licence; stands in the file."
)
def build(
    language: str,
    pairs: tuple[Path, ...],
    dictionary: Path | None,
    output: Path,
    about_pairs: str,
    about_dictionary: str,
) -> None:
    """Align parallel text and write LANGUAGE-en.statistics.tsv, and with a dictionary LANGUAGE-en.dictionary.tsv."""
    from rag.lexicon import table
    from rag.lexicon.building import ding, tables

    usable = tables.usable(tables.read_pairs(pairs, language))
    if not usable:
        raise UsageError("None of the pairs can be used.", "Are they sentences, English last?")
    frequency = tables.english(usable)
    entries: dict[str, list[str]] = {}
    try:
        if dictionary:
            with dictionary.open(encoding="utf-8") as lines:
                entries = ding.entries(lines, frequency)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{dictionary} cannot be read: {error}.", "Name a UTF-8 file in Ding's format.") from error
    rows = tables.statistics(usable, lambda text: click.echo(text, err=True))
    click.echo(f"{len(rows)} forms seen", err=True)
    listed = tables.shortened(language, rows, entries, frequency)
    if dictionary:
        click.echo(f"{len(listed)} of {len(entries)} forms listed; the others follow from these", err=True)
    try:
        output.mkdir(parents=True, exist_ok=True)
        about = [f"{language} to en: word form, times seen, English:share in %", f"from {about_pairs}"]
        table.write(output / f"{language}-en.statistics.tsv", about, rows)
        if not dictionary and (output / f"{language}-en.dictionary.tsv").exists():
            click.echo(
                "The dictionary's table in that folder is of another build; delete it or give --dictionary.", err=True
            )
        if dictionary:
            about = [f"{language} to en: word form, English, best first", f"from {about_dictionary}"]
            table.write(output / f"{language}-en.dictionary.tsv", about, listed)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error}.", "Name another folder with -o.") from error


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER")
def senses(folder: Path, output: Path) -> None:
    """Write en.senses.table: the senses, in WordNet's database files in FOLDER, of the words that the lexicon has."""
    from rag.lexicon import files, table
    from rag.lexicon.building import wordnet

    try:
        rows = wordnet.rows(folder, wordnet.vocabulary(files()))
        about = ["word: senses, most frequent first, !opposites; @sense: those above it", "from WordNet 3.1"]
        table.write(output / "en.senses.table", about, rows)
    except (OSError, ValueError) as error:
        raise UsageError(f"The senses cannot be made: {error}.", "Name a folder of WordNet's files.") from error
    click.echo(f"{sum(not key.startswith('@') for key in rows)} words", err=True)


@cli.command()
@click.argument("dictionary", type=click.Path(path_type=Path, dir_okay=False))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER")
@click.option("--about", default="a dictionary", help="The dictionary's author and licence; stands in the file.")
def genders(dictionary: Path, output: Path, about: str) -> None:
    """Write de.genders.table: which gender German nouns have by their endings, fitted on a DICTIONARY of Ding."""
    from rag.lexicon import table
    from rag.lexicon.building.genders import fit, measured, nouns

    try:
        with dictionary.open(encoding="utf-8") as lines:
            known = nouns(lines)
        rows = fit(known)
        table.write(output / "de.genders.table", ["ending of a noun: its gender", f"from {about}"], rows)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The genders cannot be made: {error}.", "Name a UTF-8 file in Ding's format.") from error
    right, wrong, untold = measured(known)
    click.echo(f"{len(rows)} endings; of nouns held out {right} right, {wrong} wrong, {untold} not told", err=True)


@cli.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--language", default="de", show_default=True)
def look(words: tuple[str, ...], language: str) -> None:
    """Print what the lexicon knows of WORDS."""
    from rag.lexicon import open_lexicon

    lexicon = open_lexicon(language)
    if lexicon is None:
        raise UsageError(f"There is no lexicon for {language}.", "See rag/lexicon/README.md.")
    for word in words:
        known = lexicon.words.word(word)
        given = ", ".join(f"{t.english} {t.share:.0%}" for t in known.translations)
        parts = f" = {' + '.join(part.form for part in known.parts)}" if known.parts else ""
        click.echo(f"{word}{parts}: {given or '(stands for itself)'}")


if __name__ == "__main__":
    try:
        cli(prog_name="python -m rag.lexicon", standalone_mode=False)
    except BelegError as error:
        click.echo(f"lexicon: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
