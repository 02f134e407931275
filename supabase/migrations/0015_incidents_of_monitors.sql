-- A monitor that comes up ends its incidents; one that is deleted lets go of them.
create index idx_incidents_monitor on public.incidents (monitor_id) where monitor_id is not null;
