"""The compiled twin of the engine, for sweeps of a great many episodes: equal to it to the last bit.

It runs worlds whose scenes can be written in arrays (`ArrayScene`) under policies of our own parts.
`layout` has the room for one episode, `stage` its clock; `line`, `agent`, `questions`, `executor`,
`attempt`, `tracked`, `meters`, `fluents` and `stale` are the parts of `sim` in numbers. `loading` fills the
room, `figures` reads it out, `twin` is what others call, and `coverage` says what it does not take: that is
left to the engine. It needs numba (``pip install 'plandrift[fast]'``), which compiles it once, at its first
use, and keeps the code on disk.
"""
