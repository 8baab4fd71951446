"""E-mails: their heads, their text once, and what is attached, read or named."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from document_files import GOOD
from office_files import make_eml

from rag.documents.readers import Extract, Unreadable, extract


def read(message: EmailMessage | bytes) -> Extract:
    return extract(".eml", message if isinstance(message, bytes) else message.as_bytes())


def parts(message: EmailMessage | bytes) -> list[str]:
    return read(message).text.split("\n\n")


def mail(text: str, **heads: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Ida Kern <ida@example.org>"
    for name, value in heads.items():
        message[name] = value
    message.set_content(text)
    return message


def test_the_heads_are_lines_and_the_subject_is_the_title() -> None:
    raw = make_eml("Die Halle ist ab acht Uhr offen.", "Schlüssel für die Halle", "Tue, 05 Mar 2024 14:03:00 +0100")
    found = read(raw)
    assert found.text.split("\n\n") == [
        "From: Jana Öhm <jana@example.org>\nTo: rat@example.org\nDate: Tue, 05 Mar 2024 14:03:00 +0100\n"
        "Subject: Schlüssel für die Halle",
        "Die Halle ist ab acht Uhr offen.",
    ]
    assert (found.title, found.date) == ("Schlüssel für die Halle", "2024-03-05")


def test_earlier_mails_and_signatures_are_paragraphs_of_their_own() -> None:
    text = (
        "Ja, am Montag.\nAm 3. Mai schrieb Bo:\n> Wann kommst du?\n>\n> Und wohin?\n>> Das frage ich dich.\n"
        "Gruß\n-- \nIda Kern\nTel. 12\n"
    )
    assert parts(mail(text))[1:] == [
        "Ja, am Montag.\nAm 3. Mai schrieb Bo:", "Wann kommst du?", "Und wohin?", "Das frage ich dich.", "Gruß",
        "Ida Kern\nTel. 12",
    ]  # fmt: skip


def test_flowed_lines_are_joined() -> None:
    raw = b"From: a@example.org\nContent-Type: text/plain; format=flowed\n\nThe bridge is \nshut until May.\nSorry.\n"
    assert parts(raw)[1] == "The bridge is shut until May.\nSorry."


def test_flowed_lines_without_their_spaces_are_joined_to_words() -> None:
    head = b"From: a@example.org\nContent-Type: text/plain; format=flowed; delsp=yes\n\n"
    assert parts(head + b"Der Donau \n dampfer fuhr bis in den Winter \nhafen.\nEnde.\n")[1] == (
        "Der Donaudampfer fuhr bis in den Winterhafen.\nEnde."
    )


def test_a_byte_order_mark_before_the_heads_is_none_of_them() -> None:
    assert parts(b"\xef\xbb\xbfFrom: a@example.org\nSubject: Steg\n\nDer Steg ist neu.\n") == [
        "From: a@example.org\nSubject: Steg", "Der Steg ist neu.",
    ]  # fmt: skip


def test_a_mail_that_says_it_has_parts_and_has_none_is_its_text() -> None:
    raw = b"From: a@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed\n\nDer Steg ist neu.\n"
    found = read(raw)
    assert found.text.endswith("\n\nDer Steg ist neu.") and not found.omissions


def test_text_in_two_forms_is_read_once() -> None:
    raw = make_eml("Die Halle ist offen.", html="<p>Die Halle ist <b>offen</b>.</p>")
    assert read(raw).text.count("Halle ist") == 1


def test_a_text_that_only_points_to_the_page_gives_way_to_it() -> None:
    page = "<html><body><p>Your room is ready from three in the afternoon on the fourth of May.</p></body></html>"
    shown = read(make_eml("See HTML.", html=page)).text
    assert "ready from three" in shown and "See HTML" not in shown


@pytest.mark.parametrize("charset", ["x-unknown", "iso-8859-1", "windows-1252"])
def test_a_text_in_another_or_an_unknown_encoding_is_read(charset: str) -> None:
    head = b"From: =?iso-8859-1?Q?J=F6rg?= <x@example.org>\nContent-Type: text/plain; charset=" + charset.encode()
    found = read(head + b"\nContent-Transfer-Encoding: 8bit\n\nDie M\xfchle am Bach und die gr\xf6\xdfere S\xe4ge.\n")
    assert found.text == "From: Jörg <x@example.org>\n\nDie Mühle am Bach und die größere Säge."


def test_attachments_are_read_under_their_names_or_named() -> None:
    message = mail("Anbei.")
    table = "Name;Zeit;Ort\nLea;10:00;Halle\n".encode("cp1252")
    message.add_attachment(table, maintype="text", subtype="csv", filename="Plän.csv")
    message.add_attachment(b"PK", maintype="application", subtype="zip", filename="bilder.zip")
    message.add_attachment(b"x", maintype="application", subtype="pdf", filename="kaputt.pdf")
    message.add_attachment(GOOD[".docx"], maintype="application", subtype="octet-stream", filename="Brief.docx")
    found = read(message)
    assert "## Plän.csv\n\n| Name | Zeit | Ort |" in found.text and "## Brief.docx\n\nDie Mühle am Bach" in found.text
    (omission,) = found.omissions
    assert (omission.what, omission.count) == ("attachments", 2)
    assert "bilder.zip, kaputt.pdf: it is not a PDF" in omission.advice


def test_an_attachment_without_an_ending_is_read_by_its_type() -> None:
    message = mail("Anbei.")
    message.add_attachment("Der Hafen bleibt zu.", filename="NOTIZ")
    message.add_attachment(GOOD[".pdf"], maintype="application", subtype="pdf", filename="Scan vom Mai")
    message.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="DATEN")
    found = read(message)
    assert "## NOTIZ\n\nDer Hafen bleibt zu." in found.text and "## Scan vom Mai\n\nDie Mühle am Bach" in found.text
    assert [omission.advice for omission in found.omissions] == ["DATEN"]


def test_a_mail_in_a_mail_is_read_and_one_in_very_many_is_named() -> None:
    inner = mail("Der Weg ist frei.", Subject="Weg")
    outer = mail("Siehe unten.", Subject="Fwd")
    outer.add_attachment(inner)
    assert parts(outer)[2] == "## Weg" and "Der Weg ist frei." in read(outer).text
    for _ in range(15):
        outer, before = mail("Noch eine."), outer
        outer.add_attachment(before)
    found = read(outer)
    assert "Der Weg ist frei." not in found.text and found.omissions[0].advice == "e-mail"


def test_an_invitation_is_lines() -> None:
    message = mail("Einladung")
    event = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Berlin:20240504T100000\r\nDTEND;VALUE=DATE:20240505\r\n"
        "SUMMARY:Bauausschuss\\, Sitz\r\n ung\r\nORGANIZER;CN=Eva Roth:mailto:e@x\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    message.add_alternative(event, subtype="calendar")
    assert parts(message)[1:] == [
        "Einladung", "Start: 2024-05-04 10:00\nEnd: 2024-05-05\nSummary: Bauausschuss, Sitzung\nOrganizer: Eva Roth",
    ]  # fmt: skip


def test_images_in_the_text_and_encrypted_parts_are_counted() -> None:
    message = mail("Bild:")
    message.add_related(b"x", maintype="image", subtype="png", cid="<a>")
    assert [str(each) for each in read(message).omissions] == ["images: 1"]
    sealed = b"From: a@example.org\nSubject: s\nContent-Type: application/pkcs7-mime\n\nAAAA"
    assert [str(each) for each in read(sealed).omissions] == ["encrypted parts: 1"]


@pytest.mark.parametrize(
    "head", [b"To: a: <b@c", b"To: =?x?q?=?=", b"Date: 99 Foo 2024", b"Date: =?utf-8?", b"To: \xff: ;"]
)
def test_a_head_that_makes_no_sense_costs_no_more_than_itself(head: bytes) -> None:
    assert read(head + b"\nSubject: Der Weg\n\nDer Weg ist frei.\n").text.endswith(
        "Subject: Der Weg\n\nDer Weg ist frei."
    )


def test_what_says_neither_from_whom_nor_about_what_is_no_mail() -> None:
    with pytest.raises(Unreadable, match="not an e-mail"):
        read(b"Hello: world\n\nText")
