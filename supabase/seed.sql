-- A team's worth of examples for a developer's machine: `supabase start`, `supabase db reset`. Nothing here is secret, nobody can
-- sign in with it, and a second time it changes nothing. Make yourself a user with `nightdesk user create`.

insert into public.monitors (id, team_id, name, type, address, status, tags, is_paused)
    select '5eed0000-0000-4000-8000-000000000001', id, 'Example shop', 'http', 'https://shop.example.org/health', 'down',
           '["example"]', true
    from public.teams where slug = 'default'
    on conflict (id) do nothing;

insert into public.runbook_hooks (id, team_id, name, description, url, target, inverse, is_active)
    select '5eed0000-0000-4000-8000-000000000002', id, 'Restart the example shop', 'Asks the platform to restart the shop.',
           'https://runbooks.example.org/restart', 'shop', 'Nothing to undo: a restart changes no configuration.', false
    from public.teams where slug = 'default'
    on conflict do nothing;

insert into public.incidents (id, team_id, title, target, severity, status, source_type, container_runtime, server_name, description,
                              labels, incident_type, verdict, root_cause, confidence, analyst, investigation_round, needs_person)
    select '5eed0000-0000-4000-8000-000000000003', id, 'Example: the shop was killed for lack of memory', 'shop', 'high', 'analyzed',
           'container', 'docker', 'shop-1', 'Container shop has been restarted three times.', '{"service": "shop", "example": "true"}',
           'oom', 'incident', 'The container reached its memory limit of 256 MB and the kernel killed it.', 'confirmed', 'rules', 1,
           'An example: nothing runs behind it.'
    from public.teams where slug = 'default'
    on conflict (id) do nothing;

insert into public.incident_events (id, team_id, incident_id, status, verb, from_status, actor_kind, actor, message)
    select e.id, i.team_id, i.id, e.status, e.verb, e.from_status, e.actor_kind, e.actor, e.message
    from public.incidents i, (values
        ('5eed0000-0000-4000-8000-000000000011'::uuid, 'detected', 'open', null, 'source', 'example', 'Opened by an example alert.'),
        ('5eed0000-0000-4000-8000-000000000012'::uuid, 'investigating', 'investigate', 'detected', 'agent', 'rules', 'Investigating.'),
        ('5eed0000-0000-4000-8000-000000000013'::uuid, 'analyzed', 'analyze', 'investigating', 'agent', 'rules',
         'It ran out of memory.')) as e (id, status, verb, from_status, actor_kind, actor, message)
    where i.id = '5eed0000-0000-4000-8000-000000000003'
    order by e.id
    on conflict (id) do nothing;

insert into public.investigations (id, team_id, incident_id, round, status, step, analyst, verdict, started_at, finished_at)
    select '5eed0000-0000-4000-8000-000000000004', team_id, id, 1, 'done', 'report', 'rules', 'incident', created_at, created_at
    from public.incidents where id = '5eed0000-0000-4000-8000-000000000003'
    on conflict (id) do nothing;

insert into public.evidence (id, team_id, incident_id, investigation_id, label, source, kind, title, query, summary, content, sha256,
                             collected_at)
    select '5eed0000-0000-4000-8000-000000000005', team_id, incident_id, id, 'E1', 'docker', 'state', 'State of container shop',
           'docker inspect shop', 'Killed by the kernel for lack of memory.', 'State.OOMKilled = true, ExitCode = 137',
           encode(sha256('State.OOMKilled = true, ExitCode = 137'), 'hex'), started_at
    from public.investigations where id = '5eed0000-0000-4000-8000-000000000004'
    on conflict (id) do nothing;

insert into public.hypotheses (id, team_id, incident_id, investigation_id, rank, category, statement, confidence, analyst, supporting)
    select '5eed0000-0000-4000-8000-000000000006', team_id, incident_id, id, 1, 'oom',
           'The container reached its memory limit of 256 MB and the kernel killed it.', 'confirmed', 'rules',
           '[{"evidence": "E1", "evidence_id": "5eed0000-0000-4000-8000-000000000005", "quote": "State.OOMKilled = true", "note": ""}]'
    from public.investigations where id = '5eed0000-0000-4000-8000-000000000004'
    on conflict (id) do nothing;
