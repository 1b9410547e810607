"""The compiled twin of the engine, for sweeps of a great many episodes: equal to it to the last bit.

It runs worlds whose scenes are tables (`sim.ArrayScene`) under policies put together from our own parts.
A file has the name of the one of `sim` or `policies` that it mirrors in numbers
(`tests/experiments/twin/test_mirrors.py` has them all). Beside these `layout` has the room for one episode,
`loading` fills it, `compiled` says how it is compiled, `twin` runs it, `engine` is what sweeps call by its
line in `sweeps.engines`, and `coverage` says what it does not take: that is left to the SimPy engine. It
needs numba (``pip install 'plandrift[fast]'``), which compiles it once, at its first use, and keeps the code
on disk. Nobody needs it: without this folder and that line, SimPy runs everything.
"""
