-- parity: allow J1 because the deployment fixes it
select {{ var('a') }},
--        ^ J1 allowed
  {{ var('b') }}, -- parity: allow J1 because it is a constant of the project
--   ^ J1 allowed
  {{ var('c') }},
--   ^ J1
  {# parity: allow J1 because of the release tool #} {{ var('d') }},
--                                                      ^ J1 allowed
  /* parity: allow J1, J5 because both are known */
  {{ var('api_key') }},
--   ^ J1 J5 allowed
  -- parity: allow J2 because nothing runs here
--   ^ allow
  {{ var('e') }},
--   ^ J1
  -- parity: allow J1
--   ^ allow
  {{ var('f') }},
--   ^ J1
  -- parity: allow J9 because there is no such rule
--   ^ allow
  -- parity: alow J1 because of a slip
--   ^ allow
  -- parity: allow because of nothing
--   ^ allow
  -- parity: allow J1 because the first of two
  -- parity: allow J5 because the second of two
  {{ var('password') }}
--   ^ J1 J5 allowed
from t -- parity runs on this table, and they allow J1 because of it
