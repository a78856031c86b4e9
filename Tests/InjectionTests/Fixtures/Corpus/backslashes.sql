select 'it\'s'; grant select on t to public; select 'he\'s';
--              ^ S5
