"""What depends on the language of a text: detection, stems, sentence ends, word lists; numbers,
dates and times by value (`numbers`); and text made fit to be shown.

In: text. Out: text, words, offsets. Knows no documents and no models.
"""
