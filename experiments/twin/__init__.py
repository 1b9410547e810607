"""The compiled twin of the engine, for very large sweeps: its figures equal the engine's to the last bit.

It runs worlds whose scenes are tables (`sim.ArrayScene`) under policies put together from plandrift's own
parts. Each file has the name of the file in `sim` or `policies` that it mirrors in numbers
(`tests/experiments/twin/test_mirrors.py` lists them all). Besides these, `layout` defines the memory for
one episode, `memory` gives compiled code access to it, `loading` fills in a condition's settings, `compiled`
says how functions are compiled, `twin` runs episodes, many seeds in one call,
`engine` is what sweeps call through its line in `sweeps.engines`, and `coverage` says what is left to the
SimPy engine. It needs numba (``pip install 'plandrift[fast]'``), which compiles it once, at its first use,
and keeps the code on disk. It is optional: without this folder and that line, SimPy runs everything.
"""
