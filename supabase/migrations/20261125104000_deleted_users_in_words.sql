-- A user who is gone, in words that fit into a sentence as well as into a list.
set lock_timeout = '4s';

-- Who made something, in words.
create or replace function private.name_of_maker(p_key uuid, p_user uuid) returns text
language sql
stable
set search_path = ''
as $$
    select coalesce(private.name_of_key(p_key), private.name_of_user(p_user), 'a deleted user')
$$;
