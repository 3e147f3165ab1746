"""The browser edition: how the game is drawn on a page, how a page is built, and how a server offers the
terminal game to a class.

``driver`` and ``page`` run inside Pyodide, in a worker of the page; ``build`` and what it needs run on the
publisher's machine. The page's own sources are in ``web/``. Nothing here is imported by the game in a
terminal.
"""
