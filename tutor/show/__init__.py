"""Display logic that needs no terminal and no Textual: the texts, the pictures and the playback."""
