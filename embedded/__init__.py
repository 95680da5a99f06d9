"""The embedded Supabase: Postgres, PostgREST, pgmq, Auth stand-in, gateway."""
