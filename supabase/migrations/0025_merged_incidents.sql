-- New trouble about what a merged incident was about goes to the one that took it over.

create index idx_incidents_merged_target on public.incidents (team_id, target) where merged_into is not null;
create index idx_incidents_merged_owner on public.incidents (team_id, owner)
    where owner is not null and merged_into is not null;
