-- Room for repeats: an alert that fires on changes the counters of its row and of its incident's row, and nothing that is
-- indexed. With free space in the page such an update touches no index (HOT).

alter table public.alerts set (fillfactor = 75);
alter table public.incidents set (fillfactor = 75);
alter table public.monitors set (fillfactor = 75);
