"""What to say, what to draw and where playback is: display logic that needs no terminal and knows
no Textual.
"""
