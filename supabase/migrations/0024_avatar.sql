-- A picture lives in the profile itself: pages load nothing from elsewhere, and nobody learns who looks.

alter table public.profiles
    drop constraint profiles_avatar_url_check,
    add constraint profiles_avatar_url_check check (
        avatar_url ~ '^(https://|data:image/(png|jpeg|webp);base64,)' and char_length(avatar_url) <= 65536);
comment on column public.profiles.avatar_url is 'data: URL of a small picture; addresses from before are kept, not shown';
