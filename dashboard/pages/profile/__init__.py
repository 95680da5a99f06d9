"""The profile: who somebody is here, how they sign in and where they are signed in, and what they belong to."""
