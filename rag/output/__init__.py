"""An answer, a batch or a conversation as something to read, or for another program.

In: answers. Out: text for a terminal, JSON records, tables, Markdown, pages for a browser. Decides
nothing: what an answer says was settled before it gets here.
"""
