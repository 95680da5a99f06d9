"""Why the embedded Supabase cannot start."""


class Problem(RuntimeError):
    """One clear sentence for the person who started it: what is wrong, and what to do."""
