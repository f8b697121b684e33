"""How each digit is written: ones, lines, bows, loops and rings.

Each digit ends with the list of its styles.

A shape is a function: it takes a `Hand` and returns the strokes of as many digits as that hand
writes, each float32 (n, P, 2). The unit is the digit's height: y goes from 0, the top, to 1; x from
0 to about 0.6, or to both sides of a stem or a middle. Angles are clock angles: 0° is up, 90° is
right. The order in which a shape asks its hand for numbers decides what a seed draws: in another
order, the same seed draws other digits.
"""
