grant usage on schema {{ target.schema }} to role {{ var('role') }}
-- @1 J4
--                                                   ^ J4
