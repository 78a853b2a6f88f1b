"""Portals owns the pages people see, by role: the public face, owner, funder, operator, regulator.

It imports the doors of every storey below and decides nothing: a view reads the form, calls a facade and renders.
It publishes pages only; `config` mounts its urls.
"""
