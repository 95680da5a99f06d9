"""A stand-in for Supabase Auth: the part of its contract that the product uses, over the real tables.

`routes.py` lists the endpoints. Codes and sentences of errors are Supabase's own.
"""
