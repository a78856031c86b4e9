{% set a = env_var('SNOWFLAKE_PASSWORD') %}
--         ^ J5
{% set b = env_var('DBT_ENV_SECRET_PASSWORD') %}
{% set c = var('api_key') %}
--         ^ J5
{% set d = var('token_count') | int %}
{% set e = var('monkey') %}
{% set f = env_var('GIT_TOKEN', '') %}
--         ^ J5
{% do log(var('private_key_path')) %}
select '{{ var("client_secret") }}' as s
--         ^ J1 J5
