"""What is in a text: its language, paragraphs, headings, sentences and stems; numbers, dates and times by
value (`numbers`); and text made fit to be shown.

In: text. Out: text, words, offsets. Knows no documents and no models.
"""
