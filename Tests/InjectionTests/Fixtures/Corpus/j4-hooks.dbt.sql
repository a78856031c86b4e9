{{ config(
    materialized='table',
    grants={'select': ['reporter']},
    pre_hook="delete from {{ this }} where day = current_date",
    post_hook=[
      "grant select on {{ this }} to role reporter",
--     ^ J4
      {"sql": "alter table {{ this }} add primary key (id)", "transaction": false},
--             ^ J4
      "insert into audit values ('{{ var(\"who\") }}')",
--                                   ^ J4
      after_commit("analyze {{ this }}"),
      "comment on table {{ this }} is 'to grant: {{ invocation_id }}'",
      "update audit set n = {{ var('n') | int }}",
      "execute immediate 'select 1'"
--     ^ J4
    ]
) }}
{{ config({"post-hook": "revoke all on {{ this }} from role x"}) }}
--                       ^ J4
{{ config(pre_hook="delete from t where x = " ~ var('x')) }}
--                 ^ J4
{{ config(post_hook="grant select on {{ this }} to public") }}
--                   ^ J4 S5
select 1
