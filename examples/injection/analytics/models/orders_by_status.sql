-- Whoever passes --vars writes SQL here: parity lint reports it as J1.
select * from {{ ref('orders') }} where status = {{ var('status', "'paid'") }}
