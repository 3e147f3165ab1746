"""A design as a picture: laid out, routed, drawn in cells of text or as SVG; no terminal is needed."""
