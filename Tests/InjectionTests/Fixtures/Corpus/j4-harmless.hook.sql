insert into audit (run, grants) values ('{{ invocation_id }}', 'grant'); {{ log('done') }}
